import { UsageError } from "../base/errors.ts";
import { absolutePath } from "./absolute-path.ts";
import type { Host } from "./host.ts";

const PROGRAM_DIR = "mydocker-runtime";

type StateRootHost = Pick<Host, "cwd" | "env" | "effectiveUid" | "isInUserNamespace">;

/**
 * The absolute path of the state root: --root, or the default for this user. Throws UsageError where --root is "/":
 * every directory of the machine would be taken for a container.
 */
export function stateRoot(flag: string | undefined, host: StateRootHost): string {
  if (flag === undefined) return defaultRoot(host);
  const root = flag === "" ? "/" : absolutePath(host.cwd(), flag);
  if (root !== "/") return root;
  throw new UsageError(`Cannot keep state in ${JSON.stringify(flag)}: --root must be a directory below "/"`, {
    flag: "--root",
    fix: "name a directory on a tmpfs, such as /run/mydocker-runtime",
  });
}

function defaultRoot(host: StateRootHost): string {
  const runtimeDir = host.env("XDG_RUNTIME_DIR") ?? "";
  return runtimeDir !== "" && isOrdinaryUser(host) ? `${runtimeDir}/${PROGRAM_DIR}` : `/run/${PROGRAM_DIR}`;
}

/** Root of a user namespace counts as the ordinary user that made it, unless the environment says that it is root. */
function isOrdinaryUser(host: StateRootHost): boolean {
  if (host.effectiveUid() !== 0) return true;
  return host.isInUserNamespace() && host.env("USER") !== "root";
}
