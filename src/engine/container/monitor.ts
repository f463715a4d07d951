import { close } from "../../sys/descriptors.ts";
import { openFile, pathType } from "../../sys/files.ts";
import { installedFile } from "../../sys/installed-file.ts";
import { callersNofile, spawnFd } from "../../sys/processes.ts";
import { runProgram } from "../../sys/run-program.ts";
import { type EnginePaths, namespaceUsersFile } from "../base/paths.ts";
import { healthWords } from "./health/monitor-words.ts";
import { logFiles } from "./log-files.ts";
import type { ContainerRecord } from "./record.ts";
import { exitPaths } from "./status.ts";
import { runDirectory } from "./store.ts";

/** The OCI runtime's command that makes and starts the container. */
export interface RunCommand {
  readonly argv: readonly string[];
  /** The open executable; otherwise argv[0] is its path. */
  readonly fd?: number;
  /** Further descriptors that it inherits under the same numbers. */
  readonly keepFds: readonly number[];
}

export interface MonitorStart {
  readonly paths: EnginePaths;
  readonly record: ContainerRecord;
  /** In order; each must end with 0. */
  readonly commands: readonly RunCommand[];
  /** `mydocker` with its global flags. */
  readonly selfArgv: readonly string[];
  /** One end of a socket pair, for the first client. */
  readonly client?: number;
  /** The pid of a container whose monitor was killed. */
  readonly adopt?: number;
}

const PROGRAM = "mydocker-monitor";

/** Has the log get what a monitor that was killed had read, of a container that has ended. Throws SystemError. */
export function recoverOutput(paths: EnginePaths, record: ContainerRecord): void {
  const words = [`exit-file=${exitPaths(paths, record.id)[0]}`, ...logWords(paths, record), "recover"];
  runProgram(installedFile(PROGRAM), [runDirectory(paths, record.id), ...words]);
}

/** Starts a container's monitor, which outlives this process. Throws SystemError. Source: native/monitor.c. */
export function startMonitor(start: MonitorStart): void {
  spawnMonitor(monitorWords(start), start);
}

/** Starts a monitor with these arguments; it inherits what the commands need, and the client. Throws SystemError. */
export function spawnMonitor(
  argv: readonly string[],
  { commands, client }: Pick<MonitorStart, "commands" | "client">,
): void {
  const executable = openFile(installedFile(PROGRAM), 0);
  const keepFds = commands.flatMap(({ fd, keepFds: more }) => (fd === undefined ? more : [fd, ...more]));
  try {
    spawnFd({
      fd: executable,
      argv: [PROGRAM, ...argv],
      env: monitorEnvironment(),
      keepFds: client === undefined ? keepFds : [...keepFds, client],
      nofile: callersNofile(process.env.MYDOCKER_NOFILE),
      fds: NO_STREAMS.map((fd) => [fd, devNull()] as const),
    });
  } finally {
    close(executable);
    if (nullFd !== undefined) close(nullFd);
    nullFd = undefined;
  }
}

const NO_STREAMS = [0, 1, 2];
let nullFd: number | undefined;

function devNull(): number {
  nullFd ??= openFile("/dev/null", 2);
  return nullFd;
}

/** What the runtime and the exit command go by; nothing of the caller's else. */
const KEPT_VARIABLES = [
  "PATH",
  "HOME",
  "XDG_RUNTIME_DIR",
  "XDG_DATA_HOME",
  "USER",
  "LANG",
  "DBUS_SESSION_BUS_ADDRESS",
  "MYDOCKER_PLAN_CACHE",
] as const;

function monitorEnvironment(): readonly string[] {
  return KEPT_VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
}

function monitorWords({ paths, record, commands, selfArgv, client, adopt }: MonitorStart): readonly string[] {
  const { id, config, hostConfig } = record;
  const health = healthWords(paths, record, selfArgv);
  return [
    runDirectory(paths, id),
    `exit-file=${exitPaths(paths, id)[0]}`,
    ...logWords(paths, record),
    ...(hostConfig.AutoRemove ? [] : ["durable"]),
    ...(config.Tty ? ["terminal"] : []),
    ...(config.OpenStdin ? ["input"] : []),
    ...(config.StdinOnce ? ["input-once"] : []),
    ...timeoutWords(record, adopt !== undefined),
    ...(adopt === undefined ? [] : [`adopt=${adopt}`]),
    ...servingWords({ paths, commands, client }),
    ...(health?.numbers ?? []),
    ...Object.entries(health?.vectors ?? {}).flatMap(([name, argv]) => vectorWords(name, argv)),
    ...vectorWords("exit", [...selfArgv, "container-ended", id]),
    ...(hostConfig.RestartPolicy.Name === "no" ? [] : vectorWords("restart", [...selfArgv, "container-restart", id])),
  ];
}

/** A container that runs already has had a part of its time; 1 ms is the least that there is. */
function timeoutWords({ config: { Timeout }, life }: ContainerRecord, isRunning: boolean): readonly string[] {
  if (Timeout === undefined) return [];
  const goneMs = isRunning ? Date.now() - Date.parse(life.startedAt) : 0;
  return [`timeout=${Math.max(1, Math.round(Timeout * 1000 - goneMs))}`];
}

/** What every monitor is told: whom it serves first, what it runs, and that the user's namespaces are needed meanwhile. */
export function servingWords({
  paths,
  commands,
  client,
}: Pick<MonitorStart, "paths" | "commands"> & { readonly client: number | undefined }): readonly string[] {
  const users = namespaceUsersFile(paths);
  return [
    ...(pathType(users) === undefined ? [] : [`hold=${users}`]),
    ...(client === undefined ? [] : [`client=${client}`]),
    ...commands.flatMap(commandWords),
  ];
}

function logWords(paths: EnginePaths, record: ContainerRecord): readonly string[] {
  const log = logFiles(paths, record);
  return log === undefined ? [] : [`log=${log.path}`, `log-bytes=${log.maxBytes}`, `log-files=${log.maxFiles}`];
}

function commandWords({ argv, fd, keepFds }: RunCommand): readonly string[] {
  return [
    ...(fd === undefined ? [] : [`run-fd=${fd}`]),
    ...[...(fd === undefined ? [] : [fd]), ...keepFds].map((one) => `pass=${one}`),
    ...vectorWords("run", argv),
  ];
}

/** An argument vector: its name with its length, and the words. */
export function vectorWords(name: string, argv: readonly string[]): readonly string[] {
  return [`${name}=${argv.length}`, ...argv];
}
