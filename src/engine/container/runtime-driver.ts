import type { RuntimeContext } from "../../runtime/index.ts";
import { close } from "../../sys/descriptors.ts";
import { openFile, pathType, readTextIfExists } from "../../sys/files.ts";
import { findInPath } from "../../sys/find-in-path.ts";
import { installedFile } from "../../sys/installed-file.ts";
import { spawnFd, waitPid } from "../../sys/processes.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { RunCommand } from "./monitor.ts";

/**
 * Any OCI runtime is a program. So is our own for root of the host, where its hot verbs and kept plans need no engine; else
 * it is called in this process.
 */
export type RuntimeDriver = { readonly kind: "own"; readonly context: RuntimeContext } | ForeignRuntime;

export interface RuntimeProgram {
  readonly path: string;
  /** Of its state. */
  readonly root: string;
}

export interface ForeignRuntime extends RuntimeProgram {
  readonly kind: "foreign";
}

const OWN_NAME = "mydocker-runtime";

/** The runtime that a container's record names. Throws EngineError where there is no such program. */
export function runtimeDriver(paths: EnginePaths, name: string, warn: (message: string) => void): RuntimeDriver {
  if (name === "" || name === OWN_NAME) return { kind: "own", context: ownContext(paths, warn) };
  const path = name.includes("/") ? name : findInPath(name, process.env.PATH);
  if (path === undefined || pathType(path) === undefined) {
    throw new EngineError(`unknown or invalid runtime name: ${name}`, { code: "ERR_USAGE", flag: "--runtime" });
  }
  return { kind: "foreign", path, root: `${paths.run}/runtime-${path.slice(path.lastIndexOf("/") + 1)}` };
}

/** The runtime that a container's record names, as a program. Throws EngineError where there is none. */
export function runtimeProgram(paths: EnginePaths, name: string): RuntimeProgram {
  const driver = runtimeDriver(paths, name, () => {});
  return driver.kind === "own" ? ownProgram(driver.context) : driver;
}

/** For calls of our own runtime's library about this program's containers. */
export function ownContext({ runtime: root }: EnginePaths, warn: (message: string) => void): RuntimeContext {
  return { root, warn: withoutCgroups(warn) };
}

/** An ordinary user's containers are seldom in cgroups, as `info` tells; a limit that was asked for is refused by itself. */
function withoutCgroups(warn: (message: string) => void): (message: string) => void {
  return isInUserNamespace()
    ? (message) => (message.startsWith("/linux/cgroupsPath: ") ? undefined : warn(message))
    : warn;
}

export interface RunRequest {
  readonly id: string;
  /** With config.json; the runtime's pid file, log and console socket are there as well. */
  readonly bundle: string;
  readonly hasTerminal: boolean;
  /** Where our own runtime tells each step as it is carried out. */
  readonly traceFile?: string | undefined;
}

/** The command that makes and starts a container, for the monitor to run. */
export async function runCommand(driver: RuntimeDriver, request: RunRequest): Promise<RunCommand> {
  if (driver.kind === "foreign") return foreignCommand(driver, request);
  if (isInUserNamespace()) return await preparedCommand(driver.context, request);
  return programCommand(ownProgram(driver.context), request);
}

function foreignCommand(driver: ForeignRuntime, request: RunRequest): RunCommand {
  if (request.traceFile === undefined) return programCommand(driver, request);
  throw new EngineError(`Cannot trace the steps of ${driver.path}: only ${OWN_NAME} tells them`, {
    code: "ERR_USAGE",
    flag: "--trace",
    exitStatus: 125,
  });
}

function ownProgram({ root }: RuntimeContext): RuntimeProgram {
  return { path: installedFile(OWN_NAME), root };
}

export const PID_FILE = "pid";
export const LOG_FILE = "runtime.log";
export const CONSOLE_SOCKET = "console.sock";

/** Prepared in this process, so that no second engine has to start; it starts one only to report a failure. */
async function preparedCommand(context: RuntimeContext, request: RunRequest): Promise<RunCommand> {
  const { id, bundle, hasTerminal, traceFile } = request;
  const { runProgram } = await import("../../runtime/index.ts");
  const log = ["--log", `${bundle}/${LOG_FILE}`, "--log-format", "json"];
  const { fd, argv, keepFds } = await runProgram(
    {
      ...context,
      ...(traceFile !== undefined && { traceFile }),
      reportArgv: [installedFile(OWN_NAME), "--root", context.root, ...log, "report-failure", "run", id],
    },
    {
      id,
      bundle,
      detach: true,
      pidFile: `${bundle}/${PID_FILE}`,
      ...(hasTerminal && { consoleSocket: `${bundle}/${CONSOLE_SOCKET}` }),
    },
  );
  return { fd, argv, keepFds };
}

function programCommand({ path, root }: RuntimeProgram, request: RunRequest): RunCommand {
  const { id, bundle, hasTerminal, traceFile } = request;
  const trace = traceFile === undefined ? [] : ["--trace", traceFile];
  const log = ["--log", `${bundle}/${LOG_FILE}`, "--log-format", "json"];
  // Relative to the bundle, where the monitor is: runc takes no longer path than the 107 bytes of a socket's address.
  const console = hasTerminal ? ["--console-socket", CONSOLE_SOCKET] : [];
  const flags = ["--bundle", bundle, "--pid-file", `${bundle}/${PID_FILE}`, ...console];
  return { argv: [path, "--root", root, ...log, ...trace, "run", "--detach", ...flags, id], keepFds: [] };
}

/**
 * Removes what the runtime keeps of a container, and its cgroup, while `meanwhile` is done; nothing there is fine. Throws
 * EngineError.
 */
export async function deleteFromRuntime(
  driver: RuntimeDriver,
  id: string,
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<void> {
  if (driver.kind === "own" && isInUserNamespace()) {
    const { deleteContainer } = await import("../../runtime/index.ts");
    await deleteContainer(driver.context, { id, force: true });
    await meanwhile();
    return;
  }
  const pid = startProgram(driver.kind === "own" ? ownProgram(driver.context) : driver, ["delete", "--force", id]);
  await meanwhile();
  if (statusOf(pid) !== 0 && driver.kind === "own") {
    throw new EngineError(`Cannot remove container ${id}: ${OWN_NAME} could not delete it`);
  }
}

/** Runs one of a runtime's verbs. Gives its exit status. */
export function callProgram(program: RuntimeProgram, words: readonly string[]): number {
  return statusOf(startProgram(program, words));
}

function startProgram({ path, root }: RuntimeProgram, words: readonly string[]): number {
  const fd = openFile(path, 0);
  try {
    return spawnFd({ fd, argv: [path, "--root", root, ...words], keepFds: [], fds: [] });
  } finally {
    close(fd);
  }
}

function statusOf(pid: number): number {
  const status = waitPid(pid, true);
  return status?.exited === true ? status.status : 1;
}

/** The runtime's own words for its last failure, from its log. */
export function lastRuntimeError(bundle: string): string | undefined {
  return runtimeMessages(bundle, "error").at(-1);
}

/** What a runtime has logged with this level, in order. */
export function runtimeMessages(bundle: string, level: "error" | "warning"): readonly string[] {
  const lines = (readTextIfExists(`${bundle}/${LOG_FILE}`) ?? "").split("\n");
  return lines.flatMap((line) => messageOf(line, level) ?? []);
}

function messageOf(line: string, level: string): string | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("msg" in entry) || !("level" in entry)) return undefined;
    return entry.level === level && typeof entry.msg === "string" ? entry.msg : undefined;
  } catch {
    return undefined;
  }
}
