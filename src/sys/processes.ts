import { readFd } from "./descriptors.ts";
import { attempt, type ProgramArguments } from "./native.ts";

/** Processes: becoming, starting, awaiting and signalling them. Every function throws SystemError. */

/** A limit of open files: RLIMIT_NOFILE of getrlimit(2). */
export interface NofileLimit {
  readonly soft: number;
  readonly hard: number;
}

export interface Program {
  /** An open executable; it is closed by executing it. */
  readonly fd: number;
  readonly argv: readonly string[];
  /** "NAME=value"; absent: it inherits this process's. */
  readonly env?: readonly string[];
  /** Descriptors from 3 on that it inherits under the same numbers; all others are closed. */
  readonly keepFds: readonly number[];
  /** The limit to give it, because engines raise their own; absent: it inherits this process's. */
  readonly nofile?: NofileLimit | undefined;
}

export interface SpawnedProgram extends Program {
  /** What becomes its other descriptors: [the number there, the descriptor here]. Standard streams are inherited. */
  readonly fds: readonly (readonly [childFd: number, ownFd: number])[];
}

/**
 * Replaces this process, all its threads included, with signals unblocked and at their defaults. Returns only by
 * throwing. Source: execveat(2).
 */
export function execFd(program: Program): never {
  return attempt(`execute ${shownArgv(program)}`, (addon) => addon.execFd(...programArguments(program)));
}

/**
 * Gives back the memory that the engine's own file takes here: its constants and, with its code, the code. What is needed after
 * all is read again, from the page cache: some 45 page faults later, 165 with the code. Source: madvise(2).
 */
export function giveBackProgram({ withCode }: { readonly withCode: boolean }): void {
  attempt("give back memory", (addon) => addon.giveBackProgram(withCode));
}

/** Starts a child, with signals unblocked and at their defaults. Returns its pid. Source: clone(2), execveat(2). */
export function spawnFd(program: SpawnedProgram): number {
  const pairs = new Int32Array(program.fds.flat());
  return attempt(`start ${shownArgv(program)}`, (addon) => addon.spawnFd(...programArguments(program), pairs));
}

function programArguments({ fd, argv, env, keepFds, nofile }: Program): ProgramArguments {
  const limit: [number, number] = nofile === undefined ? [-1, -1] : [nofile.soft, nofile.hard];
  const environment: [string, number] = env === undefined ? ["", INHERITED] : [env.join("\0"), env.length];
  return [fd, argv.join("\0"), argv.length, ...environment, new Int32Array(keepFds), ...limit];
}

/** The length that stands for the environment of this process. */
const INHERITED = -1;

function shownArgv({ argv }: Program): string {
  return JSON.stringify(argv[0] ?? "");
}

/** How a child ended. */
export type WaitStatus =
  | { readonly exited: true; readonly status: number }
  | { readonly exited: false; readonly signal: number };

/** Reaps a child; undefined while it lives and `wait` is false. Source: waitpid(2). */
export function waitPid(pid: number, wait: boolean): WaitStatus | undefined {
  const status = attempt(`wait for process ${pid}`, (addon) => addon.waitPid(pid, wait));
  if (status === undefined) return undefined;
  const signal = status & 0x7f;
  return signal === 0 ? { exited: true, status: (status >> 8) & 0xff } : { exited: false, signal };
}

/** Signals one process; false where there is none with this pid. Source: kill(2). */
export function kill(pid: number, signal: number): boolean {
  return attempt(`signal process ${pid}`, (addon) => addon.kill(pid, signal));
}

/**
 * A descriptor of a process, which its successor under the same pid cannot take over; undefined where there is no
 * process. Source: pidfd_open(2).
 */
export function pidfdOpen(pid: number): number | undefined {
  return attempt(`open process ${pid}`, (addon) => addon.pidfdOpen(pid));
}

/** Signals the process of a pidfd; false where it was reaped. Source: pidfd_send_signal(2). */
export function pidfdSend(fd: number, signal: number): boolean {
  return attempt(`signal the process of descriptor ${fd}`, (addon) => addon.pidfdSend(fd, signal));
}

/** This process's limit of open files; -1 for none. Engines raise the soft one when they start. Source: getrlimit(2). */
export function readNofile(): NofileLimit {
  const [soft, hard] = attempt("read the limit of open files", (addon) => addon.readNofile());
  return { soft, hard };
}

/**
 * The limit that the launcher's caller had, from MYDOCKER_NOFILE's "soft:hard"; undefined without the launcher.
 * Source: native/launcher.c.
 */
export function callersNofile(variable: string | undefined): NofileLimit | undefined {
  const match = /^([0-9]{1,15}):([0-9]{1,15})$/.exec(variable ?? "");
  return match === null ? undefined : { soft: Number(match[1]), hard: Number(match[2]) };
}

/**
 * Takes the place of what signals do to this process. Gives a descriptor that is readable when one has come, for takeSignals;
 * a second call ends the first one's. Node's own way costs a module, a thread and a turn of the event loop. Source:
 * sigaction(2).
 */
export function catchSignals(signals: readonly number[]): number {
  return attempt("catch signals", (addon) => addon.catchSignals(Int32Array.from(signals)));
}

const MAX_SIGNALS = 64;

/** The numbers of the signals that have come, when poll(2) says that there are any. */
export function takeSignals(fd: number): readonly number[] {
  return [...readFd(fd, MAX_SIGNALS)].map((byte) => byte.charCodeAt(0));
}
