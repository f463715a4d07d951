import { EXIT_STATUS } from "../base/errors.ts";
import type { EngineSurroundings } from "./act.ts";

/**
 * Does something with each named object, and goes on after a failure, which is told at once. Gives the exit status: 1
 * where any failed.
 */
export async function forEachNamed(
  names: readonly string[],
  { fail }: Pick<EngineSurroundings, "fail">,
  doIt: (name: string) => Promise<void> | void,
): Promise<number> {
  let status: number = EXIT_STATUS.success;
  for (const name of names) {
    try {
      await doIt(name);
    } catch (error) {
      fail(error);
      status = EXIT_STATUS.failure;
    }
  }
  return status;
}
