import { UsageError } from "../base/errors.ts";
import type { Resources } from "../config/types.gen.ts";
import type { ResourceChanges } from "./options.ts";

/** New resources, and which flag asked for each: by the place in the config that it stands for. */
export interface ChangedResources {
  readonly resources: Resources;
  readonly flags: Readonly<Record<string, string>>;
}

type Value = number | bigint | string;

interface Change {
  readonly flag: string;
  /** Where below linux.resources it goes. */
  readonly section: "blockIO" | "cpu" | "memory" | "pids";
  readonly member: string;
  /** Undefined for a text that is no such value. */
  readonly parse: (text: string) => Value | undefined;
  readonly expected: string;
}

/** Reads what the flags of `update` say. Pure. Throws UsageError that names the flag and the value. */
export function changedResources(changes: ResourceChanges): ChangedResources {
  const resources: Record<string, Record<string, Value>> = {};
  const flags: Record<string, string> = {};
  for (const name in CHANGES) {
    const key = name as keyof ResourceChanges; // a key of the table
    const text = changes[key];
    if (text === undefined) continue;
    const { flag, section, member, parse, expected } = CHANGES[key];
    const value = parse(text);
    if (value === undefined) {
      throw new UsageError(`Cannot set ${flag} to ${JSON.stringify(text)}: it must be ${expected}`, { flag });
    }
    resources[section] = { ...resources[section], [member]: value };
    flags[`/linux/resources/${section}/${member}`] = flag;
  }
  return { resources, flags };
}

const BYTES = { parse: parseBytes, expected: 'a number of bytes such as "512m", or -1 for no limit' } as const;
const COUNT = { parse: parseCount, expected: "a whole number, 0 or more" } as const;
const INTEGER = { parse: parseInteger, expected: "a whole number" } as const;
const TEXT = { parse: (text: string): string => text, expected: "" } as const;

const CHANGES: Readonly<Record<keyof ResourceChanges, Change>> = {
  blkioWeight: { flag: "--blkio-weight", section: "blockIO", member: "weight", ...COUNT },
  cpuPeriod: { flag: "--cpu-period", section: "cpu", member: "period", ...COUNT },
  cpuQuota: { flag: "--cpu-quota", section: "cpu", member: "quota", ...INTEGER },
  cpuBurst: { flag: "--cpu-burst", section: "cpu", member: "burst", ...COUNT },
  cpuShare: { flag: "--cpu-share", section: "cpu", member: "shares", ...COUNT },
  cpuRtPeriod: { flag: "--cpu-rt-period", section: "cpu", member: "realtimePeriod", ...COUNT },
  cpuRtRuntime: { flag: "--cpu-rt-runtime", section: "cpu", member: "realtimeRuntime", ...INTEGER },
  cpuIdle: { flag: "--cpu-idle", section: "cpu", member: "idle", ...INTEGER },
  cpusetCpus: { flag: "--cpuset-cpus", section: "cpu", member: "cpus", ...TEXT },
  cpusetMems: { flag: "--cpuset-mems", section: "cpu", member: "mems", ...TEXT },
  memory: { flag: "--memory", section: "memory", member: "limit", ...BYTES },
  memoryReservation: { flag: "--memory-reservation", section: "memory", member: "reservation", ...BYTES },
  memorySwap: { flag: "--memory-swap", section: "memory", member: "swap", ...BYTES },
  kernelMemory: { flag: "--kernel-memory", section: "memory", member: "kernel", ...BYTES },
  kernelMemoryTcp: { flag: "--kernel-memory-tcp", section: "memory", member: "kernelTCP", ...BYTES },
  pidsLimit: { flag: "--pids-limit", section: "pids", member: "limit", ...INTEGER },
};

const UNITS = ["", "k", "m", "g", "t", "p"];

/** "512m", "1.5GiB", "1024": units are powers of 1024, as docker and runc take them. */
function parseBytes(text: string): Value | undefined {
  if (text === "-1") return -1;
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])?(?:i?b)?)$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const scale = UNITS.indexOf(unit.toLowerCase());
  if (!number.includes(".")) return exact(BigInt(number) * 1024n ** BigInt(scale));
  return exact(BigInt(Math.floor(Number(number) * 1024 ** scale)));
}

function parseCount(text: string): Value | undefined {
  return /^\d+$/.test(text) ? parseInteger(text) : undefined;
}

function parseInteger(text: string): Value | undefined {
  return /^-?\d+$/.test(text) ? exact(BigInt(text)) : undefined;
}

/** As a number where that holds it; undefined beyond what the kernel counts in. */
function exact(value: bigint): Value | undefined {
  if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
