import { SystemError } from "../base/errors.ts";
import { errnoName } from "../linux/errno.ts";

/** What the call gives; undefined where the kernel says that there is no such thing. Throws all else that the call throws. */
export function unlessMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemError && errnoName(error.failure.errno) === "ENOENT") return undefined;
    throw error;
  }
}
