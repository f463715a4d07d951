import type { Capabilities, Process, Rlimit } from "../../config/types.gen.ts";
import { EngineError } from "../base/errors.ts";
import { commandOf } from "../container/command-of.ts";
import type { Ulimit } from "../container/container-config.ts";
import type { BundleHost, BundleInput, ResolvedUser } from "./bundle-input.ts";

/** /process of config.json: what runs, as whom, and with which rights. */
export function processOf(input: BundleInput, capabilities: readonly string[]): Process {
  const { config, hostConfig, user, host } = input;
  const args = commandOf(config);
  return {
    terminal: config.Tty,
    ...(config.Tty && input.consoleSize !== undefined && { consoleSize: input.consoleSize }),
    user: {
      uid: user.uid,
      gid: user.gid,
      ...settableGroups(user, host),
      ...(hostConfig.Umask !== undefined && { umask: Number.parseInt(hostConfig.Umask, 8) }),
    },
    args: input.initPath === undefined ? args : [input.initPath, "--", ...args],
    env: environmentOf(input),
    cwd: config.WorkingDir === "" ? "/" : config.WorkingDir,
    capabilities: capabilitySets(capabilities, user.uid),
    ...(hostConfig.Ulimits.length > 0 && { rlimits: hostConfig.Ulimits.map(rlimitOf) }),
    noNewPrivileges: hostConfig.SecurityOpt.some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)),
    ...apparmorOf(input),
    // An ordinary user may not lower it.
    ...(hostConfig.OomScoreAdj !== 0 && host.rootless === undefined && { oomScoreAdj: hostConfig.OomScoreAdj }),
  };
}

/** A user namespace with a single id forbids setgroups(2), and the own group needs none there. */
export function settableGroups({ gid, additionalGids }: ResolvedUser, { rootless }: BundleHost) {
  const isAlone = rootless?.gids.every(({ count }) => count === 1) === true;
  const groups = isAlone ? additionalGids.filter((one) => one !== gid) : additionalGids;
  return groups.length > 0 ? { additionalGids: groups } : {};
}

/** A user other than root has them in reach, for set-user-id programs, and not in force. */
export function capabilitySets(bounding: readonly string[], uid: number): Capabilities {
  return uid === 0
    ? { bounding, effective: bounding, permitted: bounding }
    : { bounding, effective: [], permitted: [] };
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What every program expects, and over it what the image and the caller say: of two with one name the last counts. */
function environmentOf({ config, user }: BundleInput): readonly string[] {
  const variables = new Map<string, string>([
    ["PATH", DEFAULT_PATH],
    ["HOSTNAME", config.Hostname],
  ]);
  if (config.Tty) variables.set("TERM", "xterm");
  variables.set("HOME", user.home);
  for (const entry of config.Env) {
    const equals = entry.indexOf("=");
    if (equals === -1) variables.delete(entry);
    else variables.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

/** Source: getrlimit(2); the names are docker's. */
export const ULIMITS: Readonly<Record<string, Rlimit["type"]>> = {
  as: "RLIMIT_AS",
  core: "RLIMIT_CORE",
  cpu: "RLIMIT_CPU",
  data: "RLIMIT_DATA",
  fsize: "RLIMIT_FSIZE",
  locks: "RLIMIT_LOCKS",
  memlock: "RLIMIT_MEMLOCK",
  msgqueue: "RLIMIT_MSGQUEUE",
  nice: "RLIMIT_NICE",
  nofile: "RLIMIT_NOFILE",
  nproc: "RLIMIT_NPROC",
  rss: "RLIMIT_RSS",
  rtprio: "RLIMIT_RTPRIO",
  rttime: "RLIMIT_RTTIME",
  sigpending: "RLIMIT_SIGPENDING",
  stack: "RLIMIT_STACK",
};

const UNLIMITED = 18446744073709551615n;

function rlimitOf({ Name: name, Soft: soft, Hard: hard }: Ulimit): Rlimit {
  const type = Object.hasOwn(ULIMITS, name) ? ULIMITS[name] : undefined;
  if (type === undefined)
    throw new EngineError(`invalid ulimit type: ${name}`, { code: "ERR_USAGE", flag: "--ulimit" });
  return { type, soft: soft === -1 ? UNLIMITED : soft, hard: hard === -1 ? UNLIMITED : hard };
}

/** "unconfined" asks for nothing that a host without AppArmor could not do. */
function apparmorOf({ hostConfig, host }: BundleInput): Pick<Process, "apparmorProfile"> {
  const profile = hostConfig.SecurityOpt.find((one) => /^apparmor[=:]/.test(one))?.slice("apparmor=".length);
  return profile === undefined || (profile === "unconfined" && !host.hasAppArmor) ? {} : { apparmorProfile: profile };
}
