import { close } from "../../sys/descriptors.ts";
import { openFile, pathType } from "../../sys/files.ts";
import { installedFile } from "../../sys/installed-file.ts";
import { callersNofile, spawnFd } from "../../sys/processes.ts";
import { type EnginePaths, namespaceUsersFile } from "../base/paths.ts";
import { healthWords } from "./health/monitor-words.ts";
import { logFiles } from "./log-files.ts";
import type { ContainerRecord } from "./record.ts";
import { exitPath } from "./status.ts";
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

/** Starts a container's monitor, which outlives this process. Throws SystemError. Source: native/monitor.c. */
export function startMonitor(start: MonitorStart): void {
  const executable = openFile(installedFile(PROGRAM), 0);
  const keepFds = start.commands.flatMap(({ fd, keepFds: more }) => (fd === undefined ? more : [fd, ...more]));
  const client = start.client === undefined ? [] : [start.client];
  try {
    spawnFd({
      fd: executable,
      argv: monitorArgv(start),
      env: monitorEnvironment(),
      keepFds: [...keepFds, ...client],
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

function monitorArgv({ paths, record, commands, selfArgv, client, adopt }: MonitorStart): readonly string[] {
  const { id, config, hostConfig } = record;
  const log = logFiles(paths, record);
  const users = namespaceUsersFile(paths);
  const health = healthWords(paths, record, selfArgv);
  return [
    PROGRAM,
    runDirectory(paths, id),
    `exit-file=${exitPath(paths, id)}`,
    ...(log === undefined ? [] : [`log=${log.path}`, `log-bytes=${log.maxBytes}`, `log-files=${log.maxFiles}`]),
    // The ordinary user's namespaces are needed as long as it runs.
    ...(pathType(users) === undefined ? [] : [`hold=${users}`]),
    ...(hostConfig.AutoRemove ? [] : ["durable"]),
    ...(config.Tty ? ["terminal"] : []),
    ...(config.OpenStdin ? ["input"] : []),
    ...(config.StdinOnce ? ["input-once"] : []),
    ...(client === undefined ? [] : [`client=${client}`]),
    ...(adopt === undefined ? [] : [`adopt=${adopt}`]),
    ...commands.flatMap(commandWords),
    ...(health?.numbers ?? []),
    ...Object.entries(health?.vectors ?? {}).flatMap(([name, argv]) => words(name, argv)),
    ...words("exit", [...selfArgv, "container-ended", id]),
    ...(hostConfig.RestartPolicy.Name === "no" ? [] : words("restart", [...selfArgv, "container-restart", id])),
  ];
}

function commandWords({ argv, fd, keepFds }: RunCommand): readonly string[] {
  return [
    ...(fd === undefined ? [] : [`run-fd=${fd}`]),
    ...[...(fd === undefined ? [] : [fd]), ...keepFds].map((one) => `pass=${one}`),
    ...words("run", argv),
  ];
}

function words(name: string, argv: readonly string[]): readonly string[] {
  return [`${name}=${argv.length}`, ...argv];
}
