import { close, socketPair } from "../../sys/descriptors.ts";
import { pathType, unlink } from "../../sys/files.ts";
import { EngineError, EXIT_STATUS } from "../base/errors.ts";
import { mountRootfs } from "../storage/rootfs-store.ts";
import { buildBundle } from "./build-bundle.ts";
import { delegatedCgroup } from "./container-cgroup.ts";
import type { EngineContext } from "./engine-context.ts";
import { beginningEvents, containerEvent, type EventNetwork } from "./event-facts.ts";
import { noteEvents } from "./events.ts";
import { startMonitor } from "./monitor.ts";
import { type Attachment, MonitorEvents, sendAttachment } from "./monitor-protocol.ts";
import { pauseMark } from "./pause-container.ts";
import { type ContainerRecord, withLife } from "./record.ts";
import { releaseResources } from "./release-resources.ts";
import {
  LOG_FILE,
  lastRuntimeError,
  PID_FILE,
  type RuntimeDriver,
  runCommand,
  runtimeDriver,
  runtimeMessages,
} from "./runtime-driver.ts";
import { enterSandbox } from "./sandbox.ts";
import { exitPaths, livePid, liveStatus } from "./status.ts";
import { openContainer, runDirectory, writeContainer } from "./store.ts";
import { pauseNote } from "./while-paused.ts";

export interface StartRequest {
  readonly id: string;
  /** What the caller wants of the monitor. */
  readonly attachment: Attachment;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  /** What is done while the runtime starts it. */
  readonly meanwhile?: () => Promise<unknown>;
  /** The monitor starts it again: the count goes up. */
  readonly isRestart?: boolean;
  /** Takes the steps of the runtime, as lines, while they are carried out. */
  readonly printSteps?: (text: string) => void;
  /** What was made for a start that fails stays. */
  readonly keepsFailure?: boolean;
}

/** A container that runs, and the connection to its monitor. */
export interface Started {
  readonly record: ContainerRecord;
  readonly events: MonitorEvents;
}

/**
 * Starts a container and gives the connection to its monitor. On failure the container is as it was, with the reason in its
 * record. Throws EngineError with exit status 126 or 127 where its command is at fault.
 */
export async function startContainer(context: EngineContext, request: StartRequest): Promise<Started> {
  const { record, lock } = openContainer(context.paths, request.id);
  try {
    return await start(context, record, request);
  } finally {
    lock.release();
  }
}

async function start(context: EngineContext, record: ContainerRecord, request: StartRequest): Promise<Started> {
  const { paths } = context;
  const { status } = liveStatus(paths, record);
  if (status === "paused") {
    throw new EngineError("cannot start a paused container, try unpause instead", { code: "ERR_CONTAINER_STATUS" });
  }
  if (status === "running") {
    throw new EngineError(`container ${record.name} is running already`, { code: "ERR_CONTAINER_STATUS" });
  }
  // Asked under the lock: "stop" may have come while the monitor waited.
  if (request.isRestart === true && (record.life.phase !== "restarting" || record.life.isStopWanted)) {
    throw new EngineError(`container ${record.name} is not to be started again`, { code: "ERR_CONTAINER_STATUS" });
  }
  if (record.life.isKept === true) await releaseResources(context, record);
  const starting = withLife(record, {
    phase: "starting",
    isKept: false,
    error: "",
    oomKilled: false,
    isStopWanted: false,
    restartCount: request.isRestart === true ? record.life.restartCount + 1 : 0,
  });
  writeContainer(paths, starting);
  const driver = runtimeDriver(paths, record.hostConfig.Runtime, context.warn);
  clearRunDirectory(context, record.id);
  try {
    const { events, networks } = await startWithMonitor(context, starting, request, driver);
    const cgroup = delegatedCgroup(livePid(paths, record.id) ?? 0);
    const running = withLife(starting, {
      phase: "running",
      startedAt: new Date().toISOString(),
      exitCode: 0,
      ...(cgroup !== undefined && { cgroup }),
    });
    writeContainer(paths, running);
    const attach = isAttaching(request.attachment) ? [containerEvent(running, "attach")] : [];
    noteEvents(paths, ...attach, ...beginningEvents(running, networks), containerEvent(running, "start"));
    return { record: running, events };
  } catch (error) {
    await undoStart(context, starting, error, request.keepsFailure === true);
    throw error;
  }
}

function isAttaching({ input, output, error }: Attachment): boolean {
  return [input, output, error].some((fd) => fd !== undefined);
}

const TRACE_FILE = "trace";
const HEALTH_FILES = ["health", "health.pid", "health.process"];

/** What an earlier run has left would be taken for this one's. */
function clearRunDirectory({ paths }: EngineContext, id: string): void {
  const directory = runDirectory(paths, id);
  for (const path of [
    ...exitPaths(paths, id),
    `${directory}/status`,
    `${directory}/${PID_FILE}`,
    `${directory}/${LOG_FILE}`,
    `${directory}/${TRACE_FILE}`,
    pauseNote(paths, id),
    pauseMark(paths, id),
    ...HEALTH_FILES.map((name) => `${directory}/${name}`),
  ]) {
    if (pathType(path) !== undefined) unlink(path);
  }
}

async function startWithMonitor(
  context: EngineContext,
  record: ContainerRecord,
  request: StartRequest,
  driver: RuntimeDriver,
): Promise<{ readonly events: MonitorEvents; readonly networks: readonly EventNetwork[] }> {
  const { paths, selfArgv, endPhase = () => {} } = context;
  const rootfs = await mountRootfs(paths, record.id);
  endPhase("mount the root filesystem");
  if (record.mounts.length > 0) await (await import("./prepare-mounts.ts")).prepareMounts(paths, record, rootfs);
  endPhase("prepare the volumes");
  const sandbox = await enterSandbox(paths, record);
  endPhase("make the network");
  const { consoleSize, printSteps } = request;
  const bundle = buildBundle({ paths, record, rootfs, sandbox, ...(consoleSize !== undefined && { consoleSize }) });
  const traceFile = printSteps === undefined ? undefined : `${bundle}/${TRACE_FILE}`;
  const hasTerminal = record.config.Tty;
  const command = await runCommand(driver, { id: record.id, bundle, hasTerminal, traceFile });
  endPhase("write the bundle");
  const [own, monitors] = socketPair("stream");
  const events = new MonitorEvents(own);
  try {
    sendAttachment(own, request.attachment);
    startMonitor({ paths, record, commands: [command], selfArgv, client: monitors });
  } catch (error) {
    events.close();
    throw error;
  } finally {
    close(monitors);
    for (const fd of [...(command.fd === undefined ? [] : [command.fd]), ...command.keepFds]) close(fd);
  }
  await request.meanwhile?.();
  const first =
    traceFile === undefined || printSteps === undefined
      ? events.nextBlocking()
      : await (await import("./watch-start.ts")).watchStart(events, traceFile, printSteps);
  requireStarted(first, events, bundle);
  endPhase("have the runtime start it");
  if (driver.kind === "own") runtimeMessages(bundle, "warning").forEach(context.warn);
  return { events, networks: sandbox.networks };
}

function requireStarted(event: ReturnType<MonitorEvents["nextBlocking"]>, events: MonitorEvents, bundle: string): void {
  if (event.kind === "started") return;
  events.close();
  throw startFailure("start the container", lastRuntimeError(bundle) ?? "the monitor ended without a reason");
}

/** A missing command or directory has 127 and one that cannot be used 126, by the words that all runtimes use. */
export function startFailure(aim: string, message: string): EngineError {
  const isCommand = /exec: |executable file|exec of |working directory/.test(message);
  const isMissing = /executable file [^:]* ?not found|no such file or directory|it does not exist/.test(message);
  const isRefused = /permission denied|is a directory|exec format error|not a directory/i.test(message);
  const isNoDirectory = /working directory .*not a directory/.test(message);
  const exitStatus =
    isNoDirectory || (isCommand && isMissing)
      ? EXIT_STATUS.notFound
      : isCommand && isRefused
        ? EXIT_STATUS.cannotExecute
        : EXIT_STATUS.engine;
  return new EngineError(`Cannot ${aim}: ${message}`, { exitStatus });
}

/** Takes back all that was done for the start; what fails then is told, and the reason of it all thrown. */
async function undoStart(
  context: EngineContext,
  record: ContainerRecord,
  error: unknown,
  isKept: boolean,
): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const exitCode = error instanceof EngineError ? (error.exitStatus ?? EXIT_STATUS.engine) : EXIT_STATUS.engine;
  if (!isKept) await releaseResources(context, record);
  writeContainer(
    context.paths,
    withLife(record, {
      isKept,
      phase: record.life.startedAt.startsWith("0001") ? "created" : "exited",
      error: message,
      exitCode,
    }),
  );
}
