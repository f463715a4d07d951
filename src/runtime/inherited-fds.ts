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
  const count = listenFds + preserveFds;
  for (let fd = 3; fd < 3 + count; fd++) {
    if (pathType(`/proc/self/fd/${fd}`) !== undefined) continue;
    throw new UsageError(`Cannot hand file descriptor ${fd} to the container: it is not open`, {
      flag: fd < 3 + listenFds ? "LISTEN_FDS" : "--preserve-fds",
      fix: "open it, or preserve fewer",
    });
  }
  return { count, config: listenFds === 0 ? config : withActivation(config, listenFds) };
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
