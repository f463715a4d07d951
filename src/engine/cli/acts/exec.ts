import { absolutePath } from "../../../cli/absolute-path.ts";
import { readText } from "../../../sys/files.ts";
import { EngineError, EXIT_STATUS } from "../../base/errors.ts";
import { splitPair } from "../../base/parse-size.ts";
import { execInContainer } from "../../container/exec-container.ts";
import { fileLines } from "../../container/request/container-request.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import { awakened } from "../../container/while-paused.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"exec"> = async ({ flags, args: [word, ...command] }, at) => {
  const context = engineContext(at);
  const record = findContainer(context.paths, word);
  const { status } = await awakened(context, record, liveStatus(context.paths, record));
  if (status === "paused") throw refused(`Container ${word} is paused, unpause the container before exec`);
  if (status !== "running") throw refused(`container ${record.id} is not running`);
  if (command.length === 0)
    throw new EngineError("Missing container command", { code: "ERR_USAGE", exitStatus: EXIT_STATUS.engine });
  if (flags.tty && flags.interactive && !flags.detach && !at.host.isTerminal(0))
    throw refused("the input device is not a TTY");
  const lines = flags["env-file"].flatMap((file) => fileLines(readText(absolutePath(context.cwd, file))));
  return await execInContainer(context, record, {
    command,
    isDetached: flags.detach,
    hasTerminal: flags.tty,
    hasInput: flags.interactive,
    env: [...lines, ...flags.env].flatMap((entry) => withValue(entry, at.host.env)),
    user: flags.user,
    workdir: flags.workdir,
    isPrivileged: flags.privileged,
  });
};

function refused(message: string): EngineError {
  return new EngineError(message, { code: "ERR_CONTAINER_STATUS", exitStatus: EXIT_STATUS.failure });
}

/** A name alone copies the caller's variable, where there is one. */
function withValue(entry: string, env: (name: string) => string | undefined): readonly string[] {
  const [name, value] = splitPair(entry);
  const copied = value ?? env(name);
  return copied === undefined ? [] : [`${name}=${copied}`];
}
