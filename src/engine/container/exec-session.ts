import { close, socketPair } from "../../sys/descriptors.ts";
import { createFile, isLocked, listDir, makeDirs, pathType, tryLockFile } from "../../sys/files.ts";
import { removeTree } from "../../sys/tree.ts";
import { EngineError } from "../base/errors.ts";
import { newObjectId } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { EngineContext } from "./engine-context.ts";
import { type ExecRequest, noteExec, processText } from "./exec-container.ts";
import { servingWords, spawnMonitor, vectorWords } from "./monitor.ts";
import { type Attachment, MonitorEvents, sendAttachment, sendDone } from "./monitor-protocol.ts";
import type { ContainerRecord } from "./record.ts";
import { CONSOLE_SOCKET, LOG_FILE, lastRuntimeError, PID_FILE, runtimeProgram } from "./runtime-driver.ts";
import { startFailure } from "./start-container.ts";

/** A program that runs on a terminal in a container, and the connection to the monitor that holds the terminal. */
export interface ExecSession {
  readonly id: string;
  readonly events: MonitorEvents;
}

/**
 * Runs one more program on a terminal in a container, with a monitor of its own: whoever shows it may leave, and it goes on.
 * Throws EngineError with exit status 126 or 127 where the program is at fault.
 */
export async function startExecSession(
  context: EngineContext,
  record: ContainerRecord,
  request: ExecRequest,
  attachment: Attachment,
): Promise<ExecSession> {
  const { paths, selfArgv } = context;
  const text = await processText(context, record, request);
  const id = newObjectId();
  const directory = sessionDirectory(paths, id);
  makeDirs(directory, 0o700);
  createFile(`${directory}/${PROCESS_FILE}`, text, 0o600);
  noteExec(context, record, request);
  const commands = [{ argv: execArgv(paths, record, directory), keepFds: [] }];
  const [own, client] = socketPair("stream");
  const events = new MonitorEvents(own);
  try {
    sendAttachment(own, attachment);
    const words = [directory, `exit-file=${directory}/exit`, "terminal", "input"];
    const atEnd = vectorWords("exit", [...selfArgv, "exec-ended", id]);
    spawnMonitor([...words, ...servingWords({ paths, commands, client }), ...atEnd], { commands, client });
  } catch (error) {
    events.close();
    removeExecSession(paths, id);
    throw error;
  } finally {
    close(client);
  }
  const { kind } = events.nextBlocking();
  if (kind === "started") return { id, events };
  const reason = lastRuntimeError(directory) ?? "the monitor ended without a reason";
  removeExecSession(paths, id);
  if (kind === "failed") sendDone(events.socket);
  events.close();
  throw startFailure("execute the command", reason);
}

const PROCESS_FILE = "process.json";

/** Relative to the directory, where the monitor is: a socket's address has 107 bytes at most. */
function execArgv(paths: EnginePaths, { id, hostConfig }: ContainerRecord, directory: string): readonly string[] {
  const { path, root } = runtimeProgram(paths, hostConfig.Runtime);
  const globals = ["--root", root, "--log", `${directory}/${LOG_FILE}`, "--log-format", "json"];
  const files = ["--pid-file", `${directory}/${PID_FILE}`, "--process", `${directory}/${PROCESS_FILE}`];
  return [path, ...globals, "exec", "--detach", "--console-socket", CONSOLE_SOCKET, ...files, id];
}

function sessionDirectory({ execSessions }: EnginePaths, id: string): string {
  return `${execSessions}/${id}`;
}

/** Removes what belongs to a program that has ended. Throws EngineError for what is no id of one. */
export function removeExecSession(paths: EnginePaths, id: string): void {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new EngineError(`"${id}" is no program of "exec"`);
  removeTree(sessionDirectory(paths, id));
}

/** The programs whose monitor was killed. */
export function lostSessions(paths: EnginePaths): readonly string[] {
  return sessionLocks(paths).flatMap(({ id, lock }) => (isLocked(lock) ? [] : [id]));
}

/** Removes what monitors that were killed have left. */
export function removeLostSessions(paths: EnginePaths): void {
  for (const { id, lock } of sessionLocks(paths)) {
    const fd = tryLockFile(lock, "shared");
    if (fd === undefined) continue;
    removeExecSession(paths, id);
    close(fd);
  }
}

/** Of those that have come so far as to have one. */
function sessionLocks(paths: EnginePaths): readonly { readonly id: string; readonly lock: string }[] {
  const ids = pathType(paths.execSessions) === undefined ? [] : listDir(paths.execSessions);
  return ids
    .map((id) => ({ id, lock: `${sessionDirectory(paths, id)}/lock` }))
    .filter(({ lock }) => pathType(lock) !== undefined);
}
