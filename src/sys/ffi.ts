import { installedFile } from "./installed-file.ts";

type Koffi = typeof import("koffi");

/** Functions of the C library, for what is off the hot path: loading koffi costs 2 ms. Results are the C functions'. */
export interface CLibrary {
  /** Source: prctl(2). */
  readonly prctl: (option: number, argument: number) => number;
  /** Source: seccomp(2). */
  readonly seccomp: (operation: number, flags: number, argument: Uint32Array | null) => number;
  /** Source: mount_setattr(2). */
  readonly mountSetattr: (directoryFd: number, path: string, flags: number, attributes: null, size: number) => number;
  /** The error number of the last call that returned -1. */
  readonly errno: () => number;
}

/** Numbers of system calls that the C library may be too old to have a function for, by process.arch. Source: syscalls(2). */
const SYSCALLS = {
  x64: { seccomp: 317, mountSetattr: 442 },
  arm64: { seccomp: 277, mountSetattr: 442 },
} as const;

let loaded: CLibrary | undefined;

/** The C library of this process; koffi is loaded on the first call. */
export function cLibrary(): CLibrary {
  loaded ??= load();
  return loaded;
}

function load(): CLibrary {
  const target = { exports: {} };
  // @types/node asks for more of the module than the call reads.
  process.dlopen(target as NodeJS.Module, installedFile("koffi.node"));
  const koffi = target.exports as Koffi; // the build takes this file from the package of the types
  const library = koffi.load(null);
  const numbers = SYSCALLS[process.arch === "arm64" ? "arm64" : "x64"];
  const prctl = library.func("int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)");
  const seccomp = library.func("long syscall(long, uint, uint, uint32_t *)");
  const mountSetattr = library.func("long syscall(long, int, const char *, uint, void *, size_t)");
  return {
    prctl: (option, argument) => prctl(option, argument, 0, 0, 0),
    seccomp: (...args) => seccomp(numbers.seccomp, ...args),
    mountSetattr: (...args) => mountSetattr(numbers.mountSetattr, ...args),
    errno: () => koffi.errno(),
  };
}
