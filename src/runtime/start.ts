import { parseFailureRecord } from "../apply/failure-record.ts";
import { runHooks } from "../apply/hooks.ts";
import { StepError } from "../apply/step-error.ts";
import { killAndWait } from "../apply/undo.ts";
import { RuntimeError, StateError } from "../base/errors.ts";
import { parseConfig } from "../config/parse-config.ts";
import type { Config } from "../config/types.gen.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import { openContainer, readState, readStoredConfig, START_SOCKET } from "../state/store.ts";
import { close, connectUnix, readFdText } from "../sys/descriptors.ts";
import { unlink } from "../sys/files.ts";
import type { RuntimeContext } from "./options.ts";

const MAX_RECORD_BYTES = 1 << 16;

/**
 * Lets a created container's command run. Throws StateError, and StepError when the command or a startContainer hook
 * fails. Source: runtime.md#start.
 */
export async function startContainer(context: RuntimeContext, { id }: { readonly id: string }): Promise<void> {
  const { directory, lockFd } = openContainer(context.root, id);
  try {
    const state = readState(context.root, id);
    requireStatus("start", id, statusOf(state, directory, true));
    const config = parseConfig(readStoredConfig(context.root, id)) as Config; // checked when it was stored
    if (config.process === undefined) {
      throw new StateError("ERR_CONTAINER_STATUS", `cannot start container "${id}": its config has no process`, {
        pointer: "/process",
        spec: "runtime.md#start",
      });
    }
    const socket = `${directory}/${START_SOCKET}`;
    awaitExec(socket);
    unlink(socket);
    await poststart(context, id, config);
  } finally {
    close(lockFd);
  }
}

/** The init says "E" before it executes the command, then nothing: its end of the connection closes with the execve. */
function awaitExec(socket: string): void {
  const fd = connectUnix(socket);
  let answer: string;
  try {
    answer = readFdText(fd, MAX_RECORD_BYTES);
  } finally {
    close(fd);
  }
  if (answer === "E") return;
  const record = parseFailureRecord(answer.startsWith("E") ? answer.slice(1) : answer);
  if (record !== undefined) throw new StepError(record);
  throw new RuntimeError("ERR_STEP", "Cannot start the container: its init ended before it could execute the command");
}

/** A poststart hook that fails stops the container. Source: runtime.md#lifecycle, step 9. */
async function poststart(context: RuntimeContext, id: string, config: Config): Promise<void> {
  if ((config.hooks?.poststart ?? []).length === 0) return;
  const state = readState(context.root, id);
  try {
    await runHooks("poststart", config, state, "running");
  } catch (error) {
    killAndWait(state.pid, state.startTime);
    throw error;
  }
}
