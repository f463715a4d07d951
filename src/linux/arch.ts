import type { SyscallTable } from "./syscalls.ts";

/** What a seccomp filter has to know of an architecture, or rather of one system call ABI. */
export interface Architecture {
  /** What the kernel puts into seccomp_data.arch: an AUDIT_ARCH_* constant. */
  readonly audit: number;
  /** The width of an argument. x32 and n32 pass it in a 64-bit register, but as a 32-bit word. */
  readonly bits: 32 | 64;
  /** The column of the system call table. */
  readonly table: SyscallTable;
  /** Added to every number of the table; 0 when absent. */
  readonly base?: number;
  /** Whether the socket and System V IPC calls can be made through socketcall(2) and ipc(2) too. */
  readonly isMultiplexed?: true;
  /** The number of ENOSYS where it is not 38. */
  readonly enosys?: number;
  /** The number under which calls appear whose own number the kernel does not know. */
  readonly unknownNumber?: number;
}

/** The bit that marks an x32 call; both ABIs share AUDIT_ARCH_X86_64. Source: arch/x86/include/uapi/asm/unistd.h. */
export const X32_SYSCALL_BIT = 0x40000000;

export const AUDIT_ARCH_X86_64 = 0xc000003e;

const AUDIT_ARCH_LE = 0x40000000;

const ENOSYS = 38;

/**
 * The architectures of config-linux.md#seccomp, by their names there. Sources, of Linux 6.18: include/uapi/linux/audit.h
 * and elf-em.h (audit), arch/mips/include/uapi/asm/unistd.h (base), arch/{mips,parisc}/include/uapi/asm/errno.h (enosys),
 * arch/s390/kernel/syscall.c (unknownNumber).
 */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  SCMP_ARCH_X86: { audit: 0x40000003, bits: 32, table: "x86", isMultiplexed: true },
  SCMP_ARCH_X86_64: { audit: AUDIT_ARCH_X86_64, bits: 64, table: "x86_64" },
  SCMP_ARCH_X32: { audit: AUDIT_ARCH_X86_64, bits: 32, table: "x32", base: X32_SYSCALL_BIT },
  SCMP_ARCH_ARM: { audit: 0x40000028, bits: 32, table: "arm" },
  SCMP_ARCH_AARCH64: { audit: 0xc00000b7, bits: 64, table: "aarch64" },
  SCMP_ARCH_LOONGARCH64: { audit: 0xc0000102, bits: 64, table: "loongarch64" },
  SCMP_ARCH_M68K: { audit: 0x00000004, bits: 32, table: "m68k", isMultiplexed: true },
  SCMP_ARCH_MIPS: { audit: 0x00000008, bits: 32, table: "mips", base: 4000, isMultiplexed: true, enosys: 89 },
  SCMP_ARCH_MIPS64: { audit: 0x80000008, bits: 64, table: "mips64", base: 5000, enosys: 89 },
  SCMP_ARCH_MIPS64N32: { audit: 0xa0000008, bits: 32, table: "mips64n32", base: 6000, enosys: 89 },
  SCMP_ARCH_MIPSEL: { audit: 0x40000008, bits: 32, table: "mips", base: 4000, isMultiplexed: true, enosys: 89 },
  SCMP_ARCH_MIPSEL64: { audit: 0xc0000008, bits: 64, table: "mips64", base: 5000, enosys: 89 },
  SCMP_ARCH_MIPSEL64N32: { audit: 0xe0000008, bits: 32, table: "mips64n32", base: 6000, enosys: 89 },
  SCMP_ARCH_PARISC: { audit: 0x0000000f, bits: 32, table: "parisc", enosys: 251 },
  SCMP_ARCH_PARISC64: { audit: 0x8000000f, bits: 64, table: "parisc64", enosys: 251 },
  SCMP_ARCH_PPC: { audit: 0x00000014, bits: 32, table: "ppc", isMultiplexed: true },
  SCMP_ARCH_PPC64: { audit: 0x80000015, bits: 64, table: "ppc64", isMultiplexed: true },
  SCMP_ARCH_PPC64LE: { audit: 0xc0000015, bits: 64, table: "ppc64", isMultiplexed: true },
  SCMP_ARCH_RISCV64: { audit: 0xc00000f3, bits: 64, table: "riscv64" },
  SCMP_ARCH_S390: { audit: 0x00000016, bits: 32, table: "s390", isMultiplexed: true, unknownNumber: 0 },
  SCMP_ARCH_S390X: { audit: 0x80000016, bits: 64, table: "s390x", isMultiplexed: true, unknownNumber: 0 },
  SCMP_ARCH_SH: { audit: 0x4000002a, bits: 32, table: "sh", isMultiplexed: true },
  SCMP_ARCH_SHEB: { audit: 0x0000002a, bits: 32, table: "sh", isMultiplexed: true },
};

/** The architecture of that name, or undefined for a name that the spec does not have. */
export function findArchitecture(name: string): Architecture | undefined {
  return Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
}

/** The number of ENOSYS, which is not the same everywhere. */
export function enosysOf(arch: Architecture): number {
  return arch.enosys ?? ENOSYS;
}

export function isLittleEndian(arch: Architecture): boolean {
  return (arch.audit & AUDIT_ARCH_LE) !== 0;
}
