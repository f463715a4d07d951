import { SystemError } from "../base/errors.ts";
import { errnoName } from "../linux/errno.ts";

/** What the call gives; undefined where the kernel says that there is no such thing. Throws all else that the call throws. */
export function unlessMissing<T>(call: () => T): T | undefined {
  return unlessFailed(call, ["ENOENT"]);
}

/** As unlessMissing, for what was seen and can have become something else meanwhile, a symbolic link or none. */
export function unlessReplaced<T>(call: () => T): T | undefined {
  return unlessFailed(call, ["ENOENT", "ENOTDIR", "ELOOP", "EINVAL", "ENXIO"]);
}

function unlessFailed<T>(call: () => T, names: readonly string[]): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemError && names.includes(errnoName(error.failure.errno))) return undefined;
    throw error;
  }
}
