/**
 * Writes src/linux/syscalls.gen.ts from the system call tables of a kernel source tree, given as the only argument:
 *
 *     apt-get download linux-source-6.12 && dpkg-deb -x linux-source-6.12_*.deb . && tar -xf usr/src/linux-source-6.12.tar.xz
 *     npx bun src/tools/generate-syscalls.ts linux-source-6.12
 *
 * What the kernel has gained since that tree is in ADDED_SINCE.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface TableSource {
  readonly file: string;
  /** The ABIs, the second word of a line, that the architecture's headers are made from. */
  readonly abis: readonly string[];
}

const GENERIC = "scripts/syscall.tbl";

/**
 * The columns: which lines of which file. Sources: the Makefile.syscalls and syscalls/Makefile of each arch folder,
 * scripts/Makefile.asm-headers.
 */
export const COLUMNS: Readonly<Record<string, TableSource>> = {
  x86: { file: "arch/x86/entry/syscalls/syscall_32.tbl", abis: ["i386"] },
  x86_64: { file: "arch/x86/entry/syscalls/syscall_64.tbl", abis: ["common", "64"] },
  x32: { file: "arch/x86/entry/syscalls/syscall_64.tbl", abis: ["common", "x32"] },
  arm: { file: "arch/arm/tools/syscall.tbl", abis: ["common", "eabi"] },
  aarch64: { file: GENERIC, abis: ["common", "64", "renameat", "rlimit", "memfd_secret"] },
  loongarch64: { file: GENERIC, abis: ["common", "64"] },
  m68k: { file: "arch/m68k/kernel/syscalls/syscall.tbl", abis: ["common"] },
  mips: { file: "arch/mips/kernel/syscalls/syscall_o32.tbl", abis: ["o32"] },
  mips64: { file: "arch/mips/kernel/syscalls/syscall_n64.tbl", abis: ["n64", "common"] },
  mips64n32: { file: "arch/mips/kernel/syscalls/syscall_n32.tbl", abis: ["n32"] },
  parisc: { file: "arch/parisc/kernel/syscalls/syscall.tbl", abis: ["common", "32"] },
  parisc64: { file: "arch/parisc/kernel/syscalls/syscall.tbl", abis: ["common", "64"] },
  ppc: { file: "arch/powerpc/kernel/syscalls/syscall.tbl", abis: ["common", "nospu", "32"] },
  ppc64: { file: "arch/powerpc/kernel/syscalls/syscall.tbl", abis: ["common", "nospu", "64"] },
  riscv64: { file: GENERIC, abis: ["common", "64", "riscv", "rlimit", "memfd_secret"] },
  s390: { file: "arch/s390/kernel/syscalls/syscall.tbl", abis: ["common", "32"] },
  s390x: { file: "arch/s390/kernel/syscalls/syscall.tbl", abis: ["common", "64"] },
  sh: { file: "arch/sh/kernel/syscalls/syscall.tbl", abis: ["common"] },
};

/** Calls that no table has. Source: arch/arm/include/uapi/asm/unistd.h. */
const OUTSIDE_TABLES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  arm: {
    sync_file_range2: 341,
    breakpoint: 0xf0001,
    cacheflush: 0xf0002,
    usr26: 0xf0003,
    usr32: 0xf0004,
    set_tls: 0xf0005,
    get_tls: 0xf0006,
  },
};

/** New calls have one number on every architecture. Source: the same tables of Linux 7.1. */
const ADDED_SINCE: Readonly<Record<string, number>> = {
  setxattrat: 463, // 6.13
  getxattrat: 464,
  listxattrat: 465,
  removexattrat: 466,
  open_tree_attr: 467, // 6.15
  file_getattr: 468, // 6.17
  file_setattr: 469,
  listns: 470, // 6.19
  rseq_slice_yield: 471, // 7.0
};

/** Those that only some architectures have. Source: arch/x86/entry/syscalls/syscall_64.tbl of Linux 7.1. */
const ADDED_SINCE_TO: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x86_64: { uprobe: 336 },
  x32: { uprobe: 336 },
};

/** Lines such as "reserved177" and "unused18" keep a number free; they name no call. */
const PLACEHOLDER = /^(reserved|unused)[0-9]+$/;

type Numbers = ReadonlyMap<string, number>;

/** The text of src/linux/syscalls.gen.ts. Throws where the tree's tables contradict the additions. */
export function generateSyscalls(linuxTree: string): string {
  const columns = Object.entries(COLUMNS).map(([column, source]) => [column, columnNumbers(linuxTree, column, source)]);
  return fileText(new Map(columns as [string, Numbers][])); // pairs by construction
}

function columnNumbers(linuxTree: string, column: string, source: TableSource): Numbers {
  const numbers = parseTable(readFileSync(join(linuxTree, source.file), "utf8"), source.abis);
  for (const additions of [OUTSIDE_TABLES[column], ADDED_SINCE, ADDED_SINCE_TO[column]]) {
    for (const [name, number] of Object.entries(additions ?? {})) {
      if ((numbers.get(name) ?? number) !== number) throw new Error(`${column}: ${name} is ${numbers.get(name)}`);
      numbers.set(name, number);
    }
  }
  return numbers;
}

/** A line is: number, ABI, name, entry points. */
function parseTable(text: string, abis: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [number = "", abi = "", name = ""] = line.split(/\s+/);
    if (/^[0-9]+$/.test(number) && abis.includes(abi) && !PLACEHOLDER.test(name)) numbers.set(name, Number(number));
  }
  return numbers;
}

function fileText(columns: ReadonlyMap<string, Numbers>): string {
  const names = [...new Set([...columns.values()].flatMap((numbers) => [...numbers.keys()]))].sort();
  const rows = [...columns].map(([column, numbers]) => {
    const list = names.map((name) => numbers.get(name) ?? "").join();
    return `  ${column}:\n    "${folded(list, ",", 4)}",`;
  });
  return `/**
 * Generated by src/tools/generate-syscalls.ts from the system call tables of Linux 6.12, with the calls that were added
 * up to 7.1: do not edit.
 */

/** Every name, in ascending order, separated by spaces. */
export const SYSCALL_NAMES =
  "${folded(names.join(" "), " ", 2)}";

/** The numbers, in the order of the names and separated by commas; an empty one where the architecture lacks the call. */
export const SYSCALL_NUMBERS = {
${rows.join("\n")}
} as const;
`;
}

/** Breaks a string literal after separators, by line continuations, which cost nothing at run time. */
function folded(text: string, separator: string, indent: number): string {
  const width = 118 - indent;
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const end = rest.lastIndexOf(separator, width) + 1;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...lines, rest].join("\\\n");
}

if (process.argv[1]?.endsWith("generate-syscalls.ts")) {
  const [linuxTree] = process.argv.slice(2);
  if (linuxTree === undefined) throw new Error("usage: generate-syscalls.ts LINUX_SOURCE_TREE");
  writeFileSync(join(import.meta.dirname, "../linux/syscalls.gen.ts"), generateSyscalls(linuxTree));
}
