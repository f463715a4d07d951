import { RuntimeError } from "../base/errors.ts";
import type { JsonPointer } from "../base/json-pointer.ts";
import { errnoName, errnoText } from "../linux/errno.ts";
import { opAction } from "../plan/describe.ts";
import { OP_TABLE } from "../plan/op-table.ts";
import type { FailureRecord } from "./failure-record.ts";
import { stepFix } from "./step-fix.ts";

/** A step of a plan failed: what it was for, where it comes from, and the kernel's reason. */
export class StepError extends RuntimeError {
  readonly record: FailureRecord;

  constructor(record: FailureRecord) {
    const fix = stepFix(record);
    super("ERR_STEP", sentence(record), { ...place(record.origin), ...(fix !== undefined && { fix }) });
    this.record = record;
  }
}

function place(origin: string): { pointer?: JsonPointer; flag?: string } {
  if (origin.startsWith("/")) return { pointer: origin as JsonPointer }; // printed by formatOrigin from a pointer
  return origin.startsWith("--") ? { flag: origin } : {};
}

/**
 * Callers of the runtime tell a missing command (exit status 127) and one that cannot be executed (126) by the words
 * "executable file not found", "no such file or directory" and "permission denied": for commands they are used as
 * callers expect, and for nothing else.
 */
function sentence(record: FailureRecord): string {
  if (record.opName === "exec.find" || (record.opName === "exec" && record.call === "execve"))
    return commandText(record);
  if (record.call !== "program") return `Cannot ${action(record)}: ${reason(record)}`;
  const ending = `ended with ${record.note.replace(SIGSYS, "$& (bad system call)")}`;
  return record.opName === "hook.run" ? `${hookText(record)} ${ending}` : `Cannot ${action(record)}: it ${ending}`;
}

/** What a filter of system calls kills with; the number alone says that to nobody. Source: signal(7), of x86 and ARM. */
const SIGSYS = /^signal 31\b/;

/** In the words that users of runc look for: the hook's number is its place in the config. */
function hookText(record: FailureRecord): string {
  const number = record.origin.slice(record.origin.lastIndexOf("/") + 1);
  return record.op?.op === "hook.run"
    ? `error running ${record.op.kind} hook #${number}: "${record.op.path}"`
    : action(record);
}

function action({ op, opName }: FailureRecord): string {
  return op === undefined ? OP_TABLE[opName].action.replaceAll(/ ?"?\{[^}]*\}"?/g, "") : opAction(op);
}

function commandText({ call, detail, errno, op }: FailureRecord): string {
  const command = op?.op === "exec.find" ? op.command : detail;
  if (call === "PATH") {
    return errnoName(errno) === "ENOENT"
      ? `exec: "${command}": executable file not found in $PATH${searched(op)}`
      : `exec: "${command}": permission denied`;
  }
  const text = COMMAND_ERRORS[errnoName(errno)] ?? `${errnoText(errno).toLowerCase()} (${errnoName(errno)})`;
  // The words of runc, for which scripts look.
  return `exec: "${command}": ${call === "execve" ? "exec" : call} ${detail}: ${text}`;
}

/** Which directories these are, of a command that is looked for in any. */
function searched(op: FailureRecord["op"]): string {
  return op?.op === "exec.find" && op.path !== "" ? `, which is "${op.path}"` : "";
}

const COMMAND_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  // podman knows only the last two words, newer versions of docker the first ones too.
  EISDIR: "is a directory: permission denied",
  ENOEXEC: "exec format error",
};

/** Where it is no command. */
const OTHER_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "access is denied",
};

function reason({ call, detail, errno, note, op, opName }: FailureRecord): string {
  const name = errnoName(errno);
  const text = OTHER_ERRORS[name] ?? errnoText(errno);
  const about = detail !== "" && !isNamed(detail, op) ? ` of "${detail}"` : "";
  if (name === "EPIPE" && opName.startsWith("sync.") && note !== "") return processEnd(note);
  const said =
    note === "" ? "" : `; ${opName.startsWith("mount.") ? "the kernel says: " : ""}${note.replaceAll("\n", ", ")}`;
  // The words of runc, for which scripts look.
  const agent = opName === "seccomp.send" && call === "connect" ? "failed to connect with seccomp agent: " : "";
  return `${agent}${text} (${name} from ${call}${about})${said}`;
}

function isNamed(detail: string, op: FailureRecord["op"]): boolean {
  return op !== undefined && opAction(op).includes(`"${detail}"`);
}

function processEnd(note: string): string {
  const killed = note === "signal 9";
  return `the container's init was ended by ${note} while it was set up${killed ? " (is the memory limit too low?)" : ""}`;
}
