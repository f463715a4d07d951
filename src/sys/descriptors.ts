import { attempt } from "./native.ts";

/** File descriptors. Each is close-on-exec and owned by whoever called; every function throws SystemError. */

/** Source: close(2). */
export function close(fd: number): void {
  attempt(`close file descriptor ${fd}`, (addon) => addon.close(fd));
}

/** [the end to read from, the end to write to]. Source: pipe2(2). */
export function pipe(): [number, number] {
  return attempt("create a pipe", (addon) => addon.pipe());
}

/** Socket types. Source: socket(2), include/linux/net.h. */
export const SOCKET_TYPES = { stream: 1, datagram: 2, seqpacket: 5 } as const;

/** Two AF_UNIX sockets that are connected to each other. Source: socketpair(2). */
export function socketPair(type: keyof typeof SOCKET_TYPES): [number, number] {
  return attempt("create a socket pair", (addon) => addon.socketPair(SOCKET_TYPES[type]));
}

/** Connects to an AF_UNIX stream socket, also by a path longer than an address holds. Source: unix(7). */
export function connectUnix(path: string): number {
  return attempt(`connect to "${path}"`, (addon) => addon.connectUnix(path));
}

/**
 * Makes a socket for messages in the place of an earlier one, for everybody to send to. Source: unix(7). `name` has no
 * directory in it.
 */
export function bindDatagrams(directory: string, name: string): number {
  return attempt(`create the socket "${name}" in "${directory}"`, (addon) => addon.bindDatagrams(directory, name));
}

/** What one read(2) gives, waiting for it: "" at the end of file. Bytes are taken as UTF-8. */
export function readFd(fd: number, maxBytes: number): string {
  return attempt(`read file descriptor ${fd}`, (addon) => addon.readFd(fd, maxBytes, false));
}

/** Everything up to the end of file; fails with EFBIG beyond `maxBytes`. Source: read(2). */
export function readFdText(fd: number, maxBytes: number): string {
  return attempt(`read file descriptor ${fd}`, (addon) => addon.readFd(fd, maxBytes, true));
}

/** Writes all of it. Source: write(2). */
export function writeFd(fd: number, text: string): void {
  attempt(`write to file descriptor ${fd}`, (addon) => addon.writeFd(fd, text));
}

/** Sends a text, which is not empty, and at most 8 descriptors through an AF_UNIX socket. Source: unix(7), SCM_RIGHTS. */
export function sendFds(fd: number, text: string, fds: readonly number[]): void {
  attempt(`write to file descriptor ${fd}`, (addon) => addon.sendFds(fd, text, Int32Array.from(fds)));
}

/** A counter that the kernel can raise; it is readable while it is not 0. Source: eventfd(2). */
export function eventFd(): number {
  return attempt("create an eventfd", (addon) => addon.eventFd());
}

/** How a terminal treats what is typed and shown; undefined where the descriptor is none. Source: tcgetattr(3). */
export function terminalMode(fd: number): Uint8Array | undefined {
  const mode = attempt("read a terminal's mode", (addon) => addon.terminalMode(fd));
  return mode === undefined ? undefined : new Uint8Array(mode);
}

/** Gives a terminal a mode that it had. Source: tcsetattr(3). */
export function setTerminalMode(fd: number, mode: Uint8Array): void {
  attempt("set a terminal's mode", (addon) => addon.setTerminalMode(fd, mode));
}

/** Events of poll(2), include/uapi/asm-generic/poll.h; "error", "hangup" and "invalid" are told unasked. */
export const POLL_EVENTS = { readable: 1, writable: 4, error: 8, hangup: 16, invalid: 32 } as const;

export interface PollRequest {
  readonly fd: number;
  readonly events: number;
}

/**
 * Waits until one of at most 64 descriptors has an event, or for `timeoutMs` (-1: for ever). Gives the events of each
 * in order, all 0 after the time or when a signal was handled. Source: poll(2).
 */
export function poll(requests: readonly PollRequest[], timeoutMs: number): readonly number[] {
  const pairs = Int32Array.from(requests.flatMap(({ fd, events }) => [fd, events]));
  return attempt("wait for file descriptors", (addon) => addon.poll(pairs, timeoutMs));
}

/** A file in memory at its start; sealed, nobody who inherits it can change it. Source: memfd_create(2). */
export function memfdFromText(name: string, text: string, sealed: boolean): number {
  return attempt(`create the memory file "${name}"`, (addon) => addon.memfdFromText(name, text, sealed));
}

/**
 * A sealed copy of a program in memory, to be executed: what runs in a container can reach its own executable, and
 * must not be able to change what the host runs next (CVE-2019-5736). Source: memfd_create(2).
 */
export function memfdFromFile(name: string, path: string): number {
  return attempt(`copy "${path}" into memory`, (addon) => addon.memfdFromFile(name, path));
}
