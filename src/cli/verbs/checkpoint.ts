import { UsageError } from "../../base/errors.ts";
import type { Act } from "../act.ts";
import { parseCount } from "../parse-count.ts";
import { criuOptions } from "./criu-options.ts";

export const act: Act<"checkpoint"> = ({ args: [id], flags }, { runtime, context, cwd }) => {
  const { "parent-path": parentPath, "page-server": pageServer } = flags;
  const statusFd = statusFdOf(flags["status-fd"]);
  return runtime.checkpointContainer(context, {
    ...criuOptions(id, flags, cwd),
    ...(parentPath && { parentPath }),
    leaveRunning: flags["leave-running"],
    preDump: flags["pre-dump"],
    tcpSkipInFlight: flags["tcp-skip-in-flight"],
    linkRemap: flags["link-remap"],
    ...(pageServer && { pageServer }),
    ...(statusFd !== undefined && { statusFd }),
  });
};

/** -1 is what runc takes for none. */
function statusFdOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "-1") return undefined;
  const fd = parseCount(text);
  if (fd !== undefined) return fd;
  throw new UsageError(`Cannot use ${JSON.stringify(text)}: it is no file descriptor`, { flag: "--status-fd" });
}
