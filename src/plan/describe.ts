import { CAPABILITIES } from "../linux/capabilities.ts";
import { MOUNT_ATTR, MS } from "../linux/mount-flags.ts";
import { NAMESPACES } from "../linux/namespaces.ts";
import { RLIMITS } from "../linux/rlimits.ts";
import { OP_TABLE, type Op } from "./op-table.ts";

type Value = string | number | bigint | readonly string[];

/** What a step does, for the printed plan: `proc → /proc nosuid,noexec,nodev`. */
export function showOp(op: Op): string {
  return fill(OP_TABLE[op.op].show, op).trimEnd().replaceAll(/ {2,}/g, " ");
}

/** What a step does, for a sentence that begins with "Cannot": `mount "proc" at "/proc"`. */
export function opAction(op: Op): string {
  return fill(OP_TABLE[op.op].action, op);
}

function fill(template: string, op: Op): string {
  const values = op as unknown as Readonly<Record<string, Value>>; // Op is a flat record of these
  return template.replaceAll(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, format: string | undefined) =>
    formatValue(values[name] ?? "", format),
  );
}

function formatValue(value: Value, format: string | undefined): string {
  switch (format) {
    case "clone":
      return flagNames(Number(value), CLONE_NAMES, "|");
    case "propagation":
      return typeof value === "object" ? value.map(Number).map(propagationName).join() : propagationName(Number(value));
    case "ms":
      return flagNames(Number(value), MS_NAMES, ",");
    case "recursive":
      return Number(value) === 0 ? "" : "recursively";
    case "attr":
      return attrNames(Number(value), "");
    case "rattr":
      return attrNames(Number(value), "r");
    case "caps":
      return capabilityNames(BigInt(value as number | bigint)); // the table gives this format to numbers only
    case "octal":
      return `0${Number(value).toString(8)}`;
    case "rlimit":
      return Object.keys(RLIMITS)[Number(value)] ?? String(value);
    case "condition":
      return value === "invalid" ? "where that is invalid" : "";
    case "cpus":
      return value === "" ? "all" : String(value);
    case "bpf":
      return String(String(value).length / 16);
    default:
      return typeof value === "object" ? value.map(quoteIfNeeded).join(" ") : oneLine(String(value));
  }
}

function oneLine(text: string): string {
  return text.trimEnd().replaceAll("\n", ", ");
}

function quoteIfNeeded(text: string): string {
  return /^[\w./:=,@%+-]+$/.test(text) ? text : JSON.stringify(text);
}

type FlagNames = readonly (readonly [number, string])[];

const CLONE_NAMES: FlagNames = Object.values(NAMESPACES).map(({ cloneFlag, cloneName }) => [cloneFlag, cloneName]);

const ATTR_NAMES: FlagNames = [
  [MOUNT_ATTR.RDONLY, "ro"],
  [MOUNT_ATTR.NOSUID, "nosuid"],
  [MOUNT_ATTR.NODEV, "nodev"],
  [MOUNT_ATTR.NOEXEC, "noexec"],
  [MOUNT_ATTR.NOATIME, "noatime"],
  [MOUNT_ATTR.STRICTATIME, "strictatime"],
  [MOUNT_ATTR.NODIRATIME, "nodiratime"],
  [MOUNT_ATTR.NOSYMFOLLOW, "nosymfollow"],
];

function flagNames(flags: number, names: FlagNames, separator: string): string {
  return names
    .filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(separator);
}

function attrNames(flags: number, prefix: string): string {
  const names = ATTR_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => prefix + name);
  return names.join();
}

/** Of mount(2), where the same flag of a mount and of its superblock has one name. */
const MS_NAMES: FlagNames = [
  [MS.RDONLY, "ro"],
  [MS.NOSUID, "nosuid"],
  [MS.NODEV, "nodev"],
  [MS.NOEXEC, "noexec"],
  [MS.SYNCHRONOUS, "sync"],
  [MS.MANDLOCK, "mand"],
  [MS.DIRSYNC, "dirsync"],
  [MS.NOSYMFOLLOW, "nosymfollow"],
  [MS.NOATIME, "noatime"],
  [MS.NODIRATIME, "nodiratime"],
  [MS.SILENT, "silent"],
  [MS.RELATIME, "relatime"],
  [MS.I_VERSION, "iversion"],
  [MS.STRICTATIME, "strictatime"],
  [MS.LAZYTIME, "lazytime"],
];

const PROPAGATION_NAMES: FlagNames = [
  [MS.SHARED, "shared"],
  [MS.SLAVE, "slave"],
  [MS.PRIVATE, "private"],
  [MS.UNBINDABLE, "unbindable"],
];

function propagationName(flags: number): string {
  return `${(flags & MS.REC) !== 0 ? "r" : ""}${flagNames(flags, PROPAGATION_NAMES, "")}`;
}

function capabilityNames(mask: bigint): string {
  const names = Object.keys(CAPABILITIES).filter((name) => (mask >> BigInt(CAPABILITIES[name] ?? 0)) & 1n);
  return names.length === 0 ? "none" : names.join();
}
