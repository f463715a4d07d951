import { destroyContainer } from "../apply/destroy.ts";
import { parseFailureRecord } from "../apply/failure-record.ts";
import { runHooks } from "../apply/hooks.ts";
import { StepError } from "../apply/step-error.ts";
import { RuntimeError, StateError } from "../base/errors.ts";
import { parseStoredConfig } from "../config/stored-config.ts";
import type { Config } from "../config/types.gen.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { openContainer, readState, readStoredConfig, START_SOCKET } from "../state/store.ts";
import { close, connectUnix, readFdText } from "../sys/descriptors.ts";
import { pathType, unlink } from "../sys/files.ts";
import type { Readiness } from "./await-readiness.ts";
import { managerSocket, notifyDirectory } from "./notify-socket.ts";
import type { RuntimeContext } from "./options.ts";

export const MAX_RECORD_BYTES = 1 << 16;

/**
 * Lets a created container's command run. Throws StateError, and StepError when the command fails; where a hook
 * fails, the container is destroyed. Source: runtime.md#start, runtime.md#lifecycle.
 */
export async function startContainer(context: RuntimeContext, { id }: { readonly id: string }): Promise<void> {
  const { directory, lockFd } = openContainer(context.root, id);
  let readiness: Readiness | undefined;
  try {
    const state = readState(context.root, id);
    requireStatus("start", id, statusOf(state, directory, true));
    const config = parseStoredConfig(readStoredConfig(context.root, id));
    if (config.process === undefined) {
      throw new StateError("ERR_CONTAINER_STATUS", `cannot start container "${id}": its config has no process`, {
        pointer: "/process",
        spec: "runtime.md#start",
      });
    }
    readiness = await listenForReadiness(context, state, directory);
    await start(context, id, config).catch(async (error) => {
      if (isOfHook(error)) await destroy(context, id, directory, error);
      throw error;
    });
  } catch (error) {
    readiness?.close();
    throw error;
  } finally {
    close(lockFd);
  }
  // Nobody is locked out while the container makes itself ready.
  await readiness?.handOn().finally(readiness.close);
}

/** Loaded only where a service manager waits. */
async function listenForReadiness(
  context: RuntimeContext,
  state: StoredState,
  directory: string,
): Promise<Readiness | undefined> {
  const manager = managerSocket();
  if (manager === undefined || pathType(notifyDirectory(directory)) !== "directory") return undefined;
  return (await import("./await-readiness.ts")).listenForReadiness(context, { state, directory, manager });
}

/**
 * Goes on where the launcher has started a container and got this answer, which is not that its command runs. Throws as
 * startContainer does. Source: native/hot_start.c.
 */
export async function reportStart(context: RuntimeContext, id: string, answer: string): Promise<void> {
  try {
    checkAnswer(answer);
  } catch (error) {
    if (isOfHook(error)) {
      const { directory, lockFd } = openContainer(context.root, id);
      await destroy(context, id, directory, error).finally(() => close(lockFd));
    }
    throw error;
  }
}

async function start(context: RuntimeContext, id: string, config: Config): Promise<void> {
  const socket = `${context.root}/${id}/${START_SOCKET}`;
  checkAnswer(askToStart(socket));
  unlink(socket);
  if ((config.hooks?.poststart ?? []).length === 0) return;
  await runHooks("poststart", config, readState(context.root, id), "running");
}

function isOfHook(error: unknown): error is RuntimeError {
  return error instanceof RuntimeError && error.details.pointer?.startsWith("/hooks/") === true;
}

/** After a hook that fails the container's life is at its end, and goes on with undoing. Source: runtime.md#lifecycle. */
async function destroy(context: RuntimeContext, id: string, directory: string, cause: RuntimeError): Promise<void> {
  const fail = (error: Error): void => {
    cause.cleanup.push(error);
  };
  const remains = { directory, state: readState(context.root, id), configText: readStoredConfig(context.root, id) };
  await destroyContainer(remains, fail).catch(fail);
}

/** What the init says before its end of the connection closes, with its execve or with its end. */
function askToStart(socket: string): string {
  const fd = connectUnix(socket);
  try {
    return readFdText(fd, MAX_RECORD_BYTES);
  } finally {
    close(fd);
  }
}

/** "E" alone is the good news: nothing went wrong between it and the execve. */
function checkAnswer(answer: string): void {
  if (answer === "E") return;
  const record = parseFailureRecord(answer.startsWith("E") ? answer.slice(1) : answer);
  if (record !== undefined) throw new StepError(record);
  throw new RuntimeError("ERR_STEP", "Cannot start the container: its init ended before it could execute the command");
}
