import { UsageError } from "../base/errors.ts";
import type { Config } from "../config/types.gen.ts";
import { pathType } from "../sys/files.ts";

/** Descriptors 3 and up that the container inherits, and the config that tells its process about them. */
export interface InheritedFds {
  /** How many, those of socket activation first. */
  readonly count: number;
  readonly config: Config;
}

/**
 * The descriptors of socket activation, if the caller was activated, and those of --preserve-fds behind them. Throws
 * UsageError for one that is not open. Source: sd_listen_fds(3).
 */
export function inheritedFds(config: Config, preserveFds: number): InheritedFds {
  const listenFds = activationFds();
  checkOpen(FIRST_FD, listenFds, "LISTEN_FDS");
  checkOpen(FIRST_FD + listenFds, preserveFds, "--preserve-fds");
  const count = listenFds + preserveFds;
  return { count, config: listenFds === 0 ? config : withActivation(config, listenFds) };
}

/** The same for a process that joins a container: nothing of socket activation is for it. */
export function checkPreservedFds(preserveFds: number): void {
  checkOpen(FIRST_FD, preserveFds, "--preserve-fds");
}

/** Behind the standard streams. */
const FIRST_FD = 3;

function checkOpen(first: number, count: number, flag: string): void {
  for (let fd = first; fd < first + count; fd++) {
    if (pathType(`/proc/self/fd/${fd}`) !== undefined) continue;
    throw new UsageError(`Cannot hand file descriptor ${fd} to the container: it is not open`, {
      flag,
      fix: "open it, or preserve fewer",
    });
  }
}

/** LISTEN_PID says whose the variables are: they may have been inherited from somebody who was activated. */
function activationFds(): number {
  const { LISTEN_FDS, LISTEN_PID } = process.env;
  if (LISTEN_FDS === undefined || !/^[0-9]{1,6}$/.test(LISTEN_FDS)) return 0;
  return LISTEN_PID === undefined || LISTEN_PID === String(process.pid) ? Number(LISTEN_FDS) : 0;
}

function withActivation(config: Config, listenFds: number): Config {
  const { process: configured } = config;
  if (configured === undefined) return config;
  const env = [...(configured.env ?? []), `LISTEN_FDS=${listenFds}`, "LISTEN_PID=1"];
  return { ...config, process: { ...configured, env } };
}
