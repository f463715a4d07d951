import { NAMESPACES } from "../../linux/namespaces.ts";
import { RLIMITS } from "../../linux/rlimits.ts";

/** One system call as a trace shows it, and a successful one: a call that fails changes nothing, and counts for nothing. */
export interface CallPattern {
  readonly call: string;
  /** Arguments in this order, others between them. */
  readonly args?: readonly ArgumentPattern[];
  /** Members of the structures that it is given; flags in any order. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The name under which later calls use the descriptor that it returns. */
  readonly gives?: string;
  /** The member of the structures that holds this descriptor, where the call does not return it. */
  readonly from?: string;
}

/**
 * A string is the whole argument: the content of a string, or flags joined by "|" in any order. `has` is one flag of
 * several, `fd` a descriptor that an earlier call of this process, or of the one that made it, has given.
 */
export type ArgumentPattern =
  | string
  | RegExp
  | { readonly has: string }
  | { readonly fd: string; readonly alsoNamed?: string };

/** A call; any number of calls, each of them one of these; or all of these or none. */
export type Expected =
  | CallPattern
  | { readonly anyOf: readonly CallPattern[] }
  | { readonly maybe: readonly Expected[] };

export function call(name: string, ...args: readonly ArgumentPattern[]): CallPattern {
  return { call: name, args };
}

/** Opens a file, writes it in one go, and closes it. */
export function writing(path: string | RegExp, text: string | RegExp): readonly CallPattern[] {
  return [
    { call: "openat", args: [path, { has: "O_WRONLY" }], gives: "file" },
    { call: "write", args: [{ fd: "file" }, text] },
  ];
}

export function journalling(line: string | RegExp): CallPattern {
  return { call: "write", args: [{ fd: "journal" }, line] };
}

/** A file that is replaced as a whole; a passing one changes places with the old one, where the file system can do that. */
export function replacing(path: string, text: RegExp, isPassing = false): readonly CallPattern[] {
  const temporary = new RegExp(`^${escapeRegExp(path.slice(0, path.lastIndexOf("/") + 1))}\\.`);
  return [
    { call: "openat", args: [temporary, { has: "O_EXCL" }], gives: "file" },
    { call: "write", args: [{ fd: "file" }, text] },
    ...(isPassing
      ? [
          { call: "renameat2", args: [temporary, path, "RENAME_EXCHANGE"] },
          { call: "unlinkat", args: [temporary] },
        ]
      : [{ call: "renameat", args: [temporary, path] }]),
  ];
}

/** Before something is made in the root filesystem itself. */
export const JOURNAL_MADE = journalling(/^\{"undo":"rootfs\.remove","path":".*"\}\n$/);

/** Opens a path of the container; what is missing of it is made, and journalled before. */
export function makingTarget(path: string): readonly Expected[] {
  const trimmed = path.replace(/\/+$/, "");
  const names = trimmed.split("/").filter((name) => name !== "");
  const making = names.flatMap((name) => [call("mkdirat", name), call("mknodat", name, { has: "S_IFREG" })]);
  return [
    { anyOf: [JOURNAL_MADE, ...making] },
    { call: "openat2", args: [{ fd: "root" }, trimmed === "" ? "/" : trimmed], gives: "target" },
  ];
}

/** The container's null device. */
export const OPEN_NULL: CallPattern = { call: "openat2", args: [{ fd: "root" }, "/dev/null"], gives: "null" };

/** Runs a program of the host's or of the container's; whoever does so has its own trace. */
export function running(): readonly Expected[] {
  return [
    call("clone", "child_stack=NULL", "flags=CLONE_PIDFD|SIGCHLD"),
    { maybe: [call("pidfd_send_signal", "SIGKILL")] },
  ];
}

/** A descriptor of a slot, under the name that calls use it by. */
export function slotName(slot: number | bigint): string {
  return `slot ${slot}`;
}

export type Flags = Readonly<Record<string, number>>;

/** Flags as traces write them: names joined by "|", what has no name in hexadecimal, "0" for none. */
export function flagText(value: number | bigint, flags: Flags): string {
  let left = Number(value);
  const names: string[] = [];
  for (const [name, bit] of Object.entries(flags)) {
    if ((left & bit) === 0) continue;
    names.push(name);
    left -= bit;
  }
  if (left !== 0) names.push(`0x${left.toString(16)}`);
  return names.length === 0 ? "0" : names.join("|");
}

export const CLONE_FLAGS: Flags = Object.fromEntries(
  Object.values(NAMESPACES).map(({ cloneName, cloneFlag }) => [cloneName, cloneFlag]),
);

/** The flags of a clone besides the namespaces. */
export function cloneFlags(namespaces: number | bigint, ...others: readonly string[]): string {
  const names = Number(namespaces) === 0 ? [] : [flagText(namespaces, CLONE_FLAGS)];
  return [...others, ...names].join("|");
}

export function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A resource limit as traces write it. */
export function limitName(resource: number | bigint): string {
  return Object.keys(RLIMITS)[Number(resource)] ?? "";
}

const INFINITY = 0xffffffffffffffffn;

export function limitText(limit: number | bigint): string {
  return BigInt(limit) === INFINITY ? "RLIM64_INFINITY" : String(limit);
}
