import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";
import { criuOptions } from "./criu-options.ts";

export const act: Act<"restore"> = ({ args: [id], flags }, { runtime, context, cwd }) => {
  const { "lsm-profile": lsmProfile, "lsm-mount-context": lsmMountContext } = flags;
  return runtime.restoreContainer(context, {
    ...criuOptions(id, flags, cwd),
    bundle: absolutePath(cwd, flags.bundle ?? ""),
    detach: flags.detach,
    ...(flags["pid-file"] && { pidFile: absolutePath(cwd, flags["pid-file"]) }),
    ...(flags["console-socket"] && { consoleSocket: absolutePath(cwd, flags["console-socket"]) }),
    tcpClose: flags["tcp-close"],
    ...(lsmProfile && { lsmProfile }),
    ...(lsmMountContext && { lsmMountContext }),
  });
};
