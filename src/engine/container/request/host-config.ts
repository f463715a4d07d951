import { parseInteger, parseSize } from "../../base/parse-size.ts";
import { ULIMITS } from "../../config-builder/process.ts";
import type { HostConfig, PathRate, PathWeight, Ulimit } from "../container-config.ts";
import { checkValues } from "./check-values.ts";
import type { ContainerFlags } from "./container-flags.ts";
import { parseLogConfig } from "./log-config.ts";
import { checkDistinctTargets, parseMount, parseVolume } from "./mounts.ts";
import { checkedNamespace } from "./namespace-modes.ts";
import { pairs } from "./pairs.ts";
import { parsePorts } from "./ports.ts";
import { parseRestart } from "./restart.ts";
import { usage } from "./usage.ts";

const DEFAULT_SHM = 64 << 20;

/** What the flags say of limits, isolation and mounts. Pure. Throws EngineError that names the flag. */
export function hostConfigOf(flags: ContainerFlags, networkMode: string, autoRemove: boolean): HostConfig {
  checkValues(flags);
  const restart = parseRestart(flags.restart);
  if (autoRemove && restart.Name !== "no")
    throw usage("conflicting options: cannot specify both --restart and --rm", "--rm");
  const mounts = [...flags.volume.map(parseVolume), ...flags.mount.map(parseMount)];
  const tmpfs = flags.tmpfs.map(tmpfsEntry);
  checkDistinctTargets(
    mounts,
    tmpfs.map(([target]) => target),
  );
  return {
    Binds: flags.volume,
    Mounts: mounts,
    Tmpfs: Object.fromEntries(tmpfs),
    VolumesFrom: flags["volumes-from"],
    ContainerIDFile: flags.cidfile ?? "",
    LogConfig: parseLogConfig(flags),
    NetworkMode: networkMode,
    PortBindings: parsePorts(flags.publish),
    PublishAllPorts: flags["publish-all"],
    RestartPolicy: restart,
    AutoRemove: autoRemove,
    Dns: flags.dns,
    DnsOptions: flags["dns-option"],
    DnsSearch: flags["dns-search"],
    ExtraHosts: flags["add-host"],
    ReadonlyRootfs: flags["read-only"],
    StorageOpt: storageOptions(flags["storage-opt"]),
    ShmSize: flags["shm-size"] === undefined ? DEFAULT_SHM : parseSize(flags["shm-size"], "--shm-size"),
    Runtime: flags.runtime ?? "",
    Init: flags.init,
    Ulimits: flags.ulimit.map(parseUlimit),
    Annotations: pairs(flags.annotation, "--annotation"),
    ...(flags.umask !== undefined && { Umask: checkedUmask(flags.umask) }),
    ...(flags.tz !== undefined && { Timezone: checkedTimezone(flags.tz) }),
    ...isolationOf(flags),
    ...limitsOf(flags),
  };
}

function storageOptions(texts: readonly string[]): HostConfig["StorageOpt"] {
  const options = pairs(texts, "--storage-opt");
  const unknown = Object.keys(options).find((name) => name !== "size");
  if (unknown === undefined) return options;
  const reason = DRIVER_OPTIONS[unknown.slice(0, unknown.indexOf("."))] ?? "a container has no other one";
  throw usage(`unknown option ${unknown}: ${reason}; size=SIZE limits its own layer`, "--storage-opt");
}

/** By what docker's options of a driver begin with. */
const DRIVER_OPTIONS: Readonly<Record<string, string>> = {
  dm: "docker dropped devicemapper in version 25",
  aufs: "docker dropped aufs in version 24",
  overlay2: "it is one of docker's daemon, and there is none here",
};

type Isolation = Pick<
  HostConfig,
  | "CapAdd"
  | "CapDrop"
  | "CgroupnsMode"
  | "CgroupParent"
  | "GroupAdd"
  | "IpcMode"
  | "PidMode"
  | "UTSMode"
  | "UsernsMode"
  | "Privileged"
  | "SecurityOpt"
  | "Sysctls"
  | "Devices"
  | "DeviceCgroupRules"
>;

function isolationOf(flags: ContainerFlags): Isolation {
  return {
    CapAdd: flags["cap-add"],
    CapDrop: flags["cap-drop"],
    CgroupnsMode: flags.cgroupns ?? "",
    CgroupParent: flags["cgroup-parent"] ?? "",
    GroupAdd: flags["group-add"],
    IpcMode: checkedNamespace("ipc", flags.ipc ?? "private"),
    PidMode: checkedNamespace("pid", flags.pid ?? ""),
    UTSMode: checkedNamespace("uts", flags.uts ?? ""),
    UsernsMode: checkedNamespace("userns", flags.userns ?? ""),
    Privileged: flags.privileged,
    SecurityOpt: flags["security-opt"].map(checkedSecurityOption),
    Sysctls: pairs(flags.sysctl, "--sysctl"),
    Devices: flags.device.map(parseDevice),
    DeviceCgroupRules: flags["device-cgroup-rule"],
  };
}

type Limits = Omit<
  HostConfig,
  | keyof Isolation
  | "Binds"
  | "Mounts"
  | "Tmpfs"
  | "VolumesFrom"
  | "ContainerIDFile"
  | "LogConfig"
  | "NetworkMode"
  | "PortBindings"
  | "PublishAllPorts"
  | "RestartPolicy"
  | "AutoRemove"
  | "Dns"
  | "DnsOptions"
  | "DnsSearch"
  | "ExtraHosts"
  | "ReadonlyRootfs"
  | "StorageOpt"
  | "ShmSize"
  | "Runtime"
  | "Init"
  | "Ulimits"
  | "Annotations"
  | "Umask"
  | "Timezone"
>;

function limitsOf(flags: ContainerFlags): Limits {
  const count = (
    name:
      | "cpu-period"
      | "cpu-quota"
      | "cpu-rt-period"
      | "cpu-rt-runtime"
      | "oom-score-adj"
      | "pids-limit"
      | "blkio-weight",
  ) => (flags[name] === undefined ? 0 : parseInteger(flags[name], `--${name}`));
  const size = (name: "memory" | "memory-reservation") =>
    flags[name] === undefined ? 0 : parseSize(flags[name], `--${name}`);
  return {
    Memory: size("memory"),
    MemoryReservation: size("memory-reservation"),
    MemorySwap: parseSwap(flags["memory-swap"]),
    MemorySwappiness:
      flags["memory-swappiness"] === undefined ? -1 : parseInteger(flags["memory-swappiness"], "--memory-swappiness"),
    OomKillDisable: flags["oom-kill-disable"],
    OomScoreAdj: count("oom-score-adj"),
    PidsLimit: count("pids-limit"),
    CpuShares: cpuShares(flags),
    NanoCpus: parseCpus(flags.cpus),
    CpuPeriod: count("cpu-period"),
    CpuQuota: count("cpu-quota"),
    CpuRealtimePeriod: count("cpu-rt-period"),
    CpuRealtimeRuntime: count("cpu-rt-runtime"),
    CpusetCpus: flags["cpuset-cpus"] ?? flags.cpuset ?? "",
    CpusetMems: flags["cpuset-mems"] ?? "",
    BlkioWeight: count("blkio-weight"),
    BlkioWeightDevice: flags["blkio-weight-device"].map(weightOf),
    BlkioDeviceReadBps: flags["device-read-bps"].map((text) => rateOf(text, "--device-read-bps")),
    BlkioDeviceWriteBps: flags["device-write-bps"].map((text) => rateOf(text, "--device-write-bps")),
    BlkioDeviceReadIOps: flags["device-read-iops"].map((text) => rateOf(text, "--device-read-iops")),
    BlkioDeviceWriteIOps: flags["device-write-iops"].map((text) => rateOf(text, "--device-write-iops")),
  };
}

function checkedUmask(text: string): string {
  if (/^[0-7]{1,4}$/.test(text) && Number.parseInt(text, 8) <= 0o777) return text;
  throw usage(`invalid umask ${text}: it must be an octal number, such as 0027`, "--umask");
}

/** The name of a file of the time zone database; it must not lead out of there. */
function checkedTimezone(name: string): string {
  if (/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(name)) return name;
  throw usage(`finding timezone ${name}: it is no name of one, such as Europe/Berlin or local`, "--tz");
}

export function parseSwap(text: string | undefined): number {
  if (text === undefined) return 0;
  return text === "-1" ? -1 : parseSize(text, "--memory-swap");
}

export function parseCpus(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^[0-9]+(\.[0-9]{1,9})?$/.test(text))
    throw usage(`invalid argument "${text}" for "--cpus" flag: it must be a number`, "--cpus");
  return Math.round(Number(text) * 1e9);
}

function cpuShares(flags: ContainerFlags): number {
  const text = flags["cpu-shares"] ?? flags.cpushare;
  return text === undefined ? 0 : parseInteger(text, "--cpu-shares");
}

/** "DIR[:OPTIONS]". */
function tmpfsEntry(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  if (!text.startsWith("/"))
    throw usage(`invalid mount path: '${text.split(":")[0]}' mount path must be absolute`, "--tmpfs");
  return colon === -1 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** "NAME=SOFT[:HARD]". */
function parseUlimit(text: string): Ulimit {
  const match = /^([a-z]+)=(-1|[0-9]+)(?::(-1|[0-9]+))?$/.exec(text);
  if (match === null)
    throw usage(`invalid argument "${text}" for "--ulimit" flag: it must be NAME=SOFT[:HARD]`, "--ulimit");
  const [, Name = "", soft = "", hard = soft] = match;
  if (!Object.hasOwn(ULIMITS, Name)) throw usage(`invalid ulimit type: ${Name}`, "--ulimit");
  const isAbove = hard !== "-1" && (soft === "-1" || Number(soft) > Number(hard));
  if (isAbove) throw usage(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`, "--ulimit");
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

/** "PATH[:PATH[:PERMISSIONS]]", where a second part of only r, w and m is the permissions. */
function parseDevice(text: string) {
  const [host = "", second = host, third] = text.split(":");
  const isPermissions = third === undefined && /^[rwm]+$/.test(second);
  const permissions = isPermissions ? second : (third ?? "rwm");
  if (!host.startsWith("/") || !/^[rwm]+$/.test(permissions))
    throw usage(`invalid device specification: ${text}`, "--device");
  return { PathOnHost: host, PathInContainer: isPermissions ? host : second, CgroupPermissions: permissions };
}

const SECURITY_OPTIONS =
  /^(no-new-privileges([:=](true|false))?|seccomp[:=].+|apparmor[:=].+|label[:=].+|systempaths=unconfined|writable-cgroups(=(true|false))?)$/;

/** A security option that is not known must not be taken for done. */
function checkedSecurityOption(option: string): string {
  if (SECURITY_OPTIONS.test(option)) return option;
  throw usage(`invalid --security-opt: "${option}"`, "--security-opt");
}

function weightOf(text: string): PathWeight {
  const colon = text.lastIndexOf(":");
  return { Path: text.slice(0, colon), Weight: parseInteger(text.slice(colon + 1), "--blkio-weight-device") };
}

function rateOf(text: string, flag: string): PathRate {
  const colon = text.lastIndexOf(":");
  return { Path: text.slice(0, colon), Rate: parseSize(text.slice(colon + 1), flag) };
}
