import { SystemError } from "../base/errors.ts";
import { errnoName, errnoText } from "../linux/errno.ts";
import { installedFile } from "./installed-file.ts";

/** What native/addon.c exports. A failing call throws an Error with the members of SyscallFailure. */
export interface Addon {
  readText(path: string, maxBytes: number, missingIsUndefined: boolean): string | undefined;
  readTexts(paths: string, maxBytes: number): (string | number | undefined)[];
  writeAtomic(path: string, text: string, mode: number, durable: boolean): void;
  createFile(path: string, text: string, mode: number): void;
  writeExisting(path: string, text: string): void;
  appendText(path: string, text: string, mode: number): void;
  makeDir(path: string, mode: number): void;
  makeDirs(path: string, mode: number): void;
  removeDir(path: string): void;
  unlink(path: string): void;
  listDir(path: string, directoriesOnly: boolean): string[];
  tellsTypes(path: string): boolean;
  fileMode(path: string): number | undefined;
  isWritable(path: string): boolean;
  realPath(path: string): string;
  readLink(path: string): string;
  removeInRoot(root: string, path: string): void;
  openFile(path: string, flags: number): number;
  openInRoot(root: string, path: string, flags: number): number;
  lockDir(path: string, wait: boolean): number | undefined;
  lockFile(path: string, isShared: boolean, wait: boolean): number | undefined;
  isLocked(path: string): boolean;
  close(fd: number): void;
  pipe(): [number, number];
  socketPair(type: number): [number, number];
  connectUnix(path: string): number;
  bindDatagrams(directory: string, name: string): number;
  readFd(fd: number, maxBytes: number, untilEnd: boolean): string;
  writeFd(fd: number, text: string): void;
  sendFds(fd: number, text: string, fds: Int32Array): void;
  eventFd(): number;
  poll(fdsAndEvents: Int32Array, timeoutMs: number): number[];
  terminalMode(fd: number): ArrayBuffer | undefined;
  setTerminalMode(fd: number, mode: Uint8Array): void;
  memfdFromText(name: string, text: string, sealed: boolean): number;
  memfdFromFile(name: string, path: string): number;
  execFd(...program: ProgramArguments): never;
  spawnFd(...program: [...ProgramArguments, childAndOwnFds: Int32Array]): number;
  waitPid(pid: number, wait: boolean): number | undefined;
  kill(pid: number, signal: number): boolean;
  pidfdOpen(pid: number): number | undefined;
  pidfdSend(fd: number, signal: number): boolean;
  readNofile(): [number, number];
  randomBytes(count: number): ArrayBuffer;
  giveBackProgram(withCode: boolean): void;
  catchSignals(signals: Int32Array): number;
  mountFilesystem(type: string, pairs: string, attributes: number, target: string): void;
  mountFrom(directory: string, type: string, options: string, target: string): void;
  bindMount(source: string, target: string, readonly: number): void;
  beginSync(fd: number): void;
  syncFilesystem(fd: number): void;
  unmount(path: string, flags: number): void;
  removeTrees(count: number, ...paths: readonly string[]): void;
  treeRemove(root: number, path: string): void;
  treeMake(root: number, path: string, numbers: Float64Array, target: string, data: Uint8Array): boolean;
  treeCreate(root: number, path: string): number;
  treeUnpackFiles(root: number, archive: Uint8Array, position: number): Float64Array;
  treeFinish(fd: number, size: number, numbers: Float64Array): void;
  treeSetXattr(root: number, path: string, name: string, value: Uint8Array): void;
  treeSetTime(root: number, path: string, seconds: number, nanoseconds: number): void;
  treeChown(parent: number, name: string, uid: number, gid: number): void;
  treeList(
    directory: number,
    name: string,
    withFileXattrs: boolean,
  ): [fd: number, names: Uint8Array, numbers: Float64Array];
  treeLook(directory: number, name: string): Float64Array | undefined;
  treeReadLink(directory: number, name: string): string;
  treeOpen(directory: number, name: string): number;
  treeXattrs(directory: number, name: string): (string | Uint8Array)[];
  treePackFiles(
    directory: number,
    prefix: Uint8Array,
    names: Uint8Array,
    numbers: Float64Array,
    index: number,
    overrides: Float64Array,
    buffer: Uint8Array,
    position: number,
  ): Float64Array;
  readAt(fd: number, buffer: Uint8Array, position: number): number;
  writeAt(fd: number, data: Uint8Array, position: number): void;
  dataRange(fd: number, position: number): Float64Array | undefined;
  makeNetns(path: string): void;
  removeNetns(path: string): void;
  openNetlink(netnsPath: string | undefined, protocol: number): number;
  netlinkExchange(fd: number, request: Uint8Array): ArrayBuffer;
  bindPort(socketType: number, address: Uint8Array, port: number): number;
}

/** Lists are one string with a NUL between the members, followed by the number of members; -1 leaves nofile and the environment as
 * they are. */
export type ProgramArguments = [
  fd: number,
  argv: string,
  argc: number,
  env: string,
  envc: number,
  keepFds: Int32Array,
  softNofile: number,
  hardNofile: number,
];

const FILE_NAME = "mydocker-native.node";

let loaded: Addon | undefined;

/**
 * Calls the addon. A failure becomes a SystemError that reads `Cannot <action>: <errno in words> (<ERRNO>)`;
 * `missing` is what ENOENT is called there, because callers of the runtime take the C library's words for a missing
 * command.
 */
export function attempt<T>(action: string, call: (addon: Addon) => T, missing = "it does not exist"): T {
  const addon = loaded ?? load();
  try {
    return call(addon);
  } catch (error) {
    if (!isSyscallError(error)) throw error;
    const { syscall, errno, path } = error;
    throw systemError(action, path === undefined ? { syscall, errno } : { syscall, errno, path }, missing);
  }
}

/** What `attempt` throws of a call that has failed. */
export function systemError(
  action: string,
  failure: ConstructorParameters<typeof SystemError>[1],
  missing = "it does not exist",
): SystemError {
  const name = errnoName(failure.errno);
  return new SystemError(
    `Cannot ${action}: ${name === "ENOENT" ? missing : errnoText(failure.errno)} (${name})`,
    failure,
  );
}

function load(): Addon {
  const target = { exports: {} };
  // @types/node asks for more of the module than the call reads.
  process.dlopen(target as NodeJS.Module, installedFile(FILE_NAME));
  // The file is built from the same sources: native/addon.h has the names, and the unit tests call each.
  loaded = target.exports as Addon;
  return loaded;
}

interface SyscallError {
  readonly syscall: string;
  readonly errno: number;
  readonly path?: string;
}

function isSyscallError(error: unknown): error is SyscallError {
  return error instanceof Error && "errno" in error && "syscall" in error;
}
