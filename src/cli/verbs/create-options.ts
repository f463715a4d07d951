import type { CreateOptions } from "../../runtime/index.ts";
import { absolutePath } from "../absolute-path.ts";
import type { Call } from "../call.ts";

type BundleFlags = Call<"create">["flags"];

/** The flags of create, run and plan as the runtime takes them: absolute paths; a path given as "" is not given. */
export function createOptions(id: string, flags: BundleFlags, cwd: string): CreateOptions {
  const pidFile = givenPath(flags["pid-file"], cwd);
  const consoleSocket = givenPath(flags["console-socket"], cwd);
  const pidfdSocket = givenPath(flags["pidfd-socket"], cwd);
  return {
    id,
    bundle: absolutePath(cwd, flags.bundle ?? ""),
    ...(pidFile === undefined ? {} : { pidFile }),
    ...(consoleSocket === undefined ? {} : { consoleSocket }),
    ...(pidfdSocket === undefined ? {} : { pidfdSocket }),
    noPivot: flags["no-pivot"],
    noNewKeyring: flags["no-new-keyring"],
    preserveFds: flags["preserve-fds"],
  };
}

function givenPath(path: string | undefined, cwd: string): string | undefined {
  return path === undefined || path === "" ? undefined : absolutePath(cwd, path);
}
