import { absolutePath } from "../../../cli/absolute-path.ts";
import { readText } from "../../../sys/files.ts";
import { EngineError, EXIT_STATUS } from "../../base/errors.ts";
import { splitPair } from "../../base/parse-size.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import { noteContainerEvent } from "../../container/events.ts";
import { type ExecRequest, execInContainer } from "../../container/exec-container.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { fileLines } from "../../container/request/container-request.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import { awakened } from "../../container/while-paused.ts";
import type { EngineAct } from "../act.ts";
import { attachmentOf } from "../attachment.ts";
import { consoleSize } from "../console-size.ts";
import { engineContext } from "../engine-context.ts";
import { catchSignals, followMonitor } from "../follow-monitor.ts";

export const act: EngineAct<"exec"> = async ({ flags, args: [word, ...command] }, at) => {
  const context = engineContext(at);
  const record = findContainer(context.paths, word);
  const { status } = await awakened(context, record, liveStatus(context.paths, record));
  if (status === "paused") throw refused(`Container ${word} is paused, unpause the container before exec`);
  if (status !== "running") throw refused(`container ${record.id} is not running`);
  if (command.length === 0)
    throw new EngineError("Missing container command", { code: "ERR_USAGE", fix: 'see "mydocker exec --help"' });
  if (flags.workdir?.startsWith("/") === false) {
    const message = `Cannot run in "${flags.workdir}": the working directory must be an absolute path`;
    throw new EngineError(message, { code: "ERR_USAGE", exitStatus: EXIT_STATUS.cannotExecute });
  }
  if (flags.tty && flags.interactive && !flags.detach && !at.host.isTerminal(0))
    throw refused("the input device is not a TTY");
  const lines = flags["env-file"].flatMap((file) => fileLines(readText(absolutePath(context.cwd, file))));
  const isAttached = flags.tty && flags.interactive && !flags.detach;
  const size = consoleSize(at.host, isAttached);
  const request = {
    command,
    isDetached: flags.detach,
    hasTerminal: flags.tty,
    hasInput: flags.interactive,
    env: [...lines, ...flags.env].flatMap((entry) => withValue(entry, at.host.env)),
    user: flags.user,
    workdir: flags.workdir,
    isPrivileged: flags.privileged,
    ...(size !== undefined && { consoleSize: size }),
  };
  return isAttached
    ? await showProgram(context, record, request, flags["detach-keys"])
    : await execInContainer(context, record, request);
};

const ALL_STREAMS = { input: true, output: true, error: true };

/** On a terminal of the caller's, which the keys take back from the program. */
async function showProgram(
  context: EngineContext,
  record: ContainerRecord,
  request: ExecRequest,
  detachKeys: string | undefined,
): Promise<number> {
  const { startExecSession, removeExecSession } = await import("../../container/exec-session.ts");
  const attachment = attachmentOf({ streams: ALL_STREAMS, hasTerminal: true, detachKeys, isCleaner: true });
  const signals = catchSignals({});
  const { id, events } = await startExecSession(context, record, request, attachment);
  return await followMonitor(events, {
    attachment,
    signals,
    cleanUp: async () => removeExecSession(context.paths, id),
    onDetached: () => noteContainerEvent(context.paths, record, "exec_detach", { execID: id }),
    afterLoss: async () => {
      throw refused("Cannot show the program any more: the monitor that held its terminal has ended");
    },
  });
}

function refused(message: string): EngineError {
  return new EngineError(message, { code: "ERR_CONTAINER_STATUS", exitStatus: EXIT_STATUS.failure });
}

/** A name alone copies the caller's variable, where there is one. */
function withValue(entry: string, env: (name: string) => string | undefined): readonly string[] {
  const [name, value] = splitPair(entry);
  const copied = value ?? env(name);
  return copied === undefined ? [] : [`${name}=${copied}`];
}
