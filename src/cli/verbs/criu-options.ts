import type { CriuOptions } from "../../runtime/index.ts";
import { absolutePath } from "../absolute-path.ts";
import type { Call } from "../call.ts";

type CriuFlags = Call<"checkpoint">["flags"] | Call<"restore">["flags"];

/** The directory that runc uses when none is named. */
const DEFAULT_IMAGES = "checkpoint";

/** The flags that checkpoint and restore have in common, as the runtime takes them. */
export function criuOptions(id: string, flags: CriuFlags, cwd: string): CriuOptions {
  const workPath = flags["work-path"] ?? "";
  return {
    id,
    imagePath: absolutePath(cwd, flags["image-path"] || DEFAULT_IMAGES),
    ...(workPath !== "" && { workPath: absolutePath(cwd, workPath) }),
    tcpEstablished: flags["tcp-established"],
    extUnixSk: flags["ext-unix-sk"],
    shellJob: flags["shell-job"],
    fileLocks: flags["file-locks"],
    lazyPages: flags["lazy-pages"],
    autoDedup: flags["auto-dedup"],
    manageCgroups: flags["manage-cgroups-mode"],
    emptyNetwork: flags["empty-ns"] === "network",
  };
}
