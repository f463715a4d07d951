import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Seccomp, SeccompArg, SeccompSyscall } from "../../src/config/types.gen.ts";
import { ARCHITECTURES } from "../../src/linux/arch.ts";
import { SECCOMP_ACTIONS } from "../../src/linux/seccomp.ts";

/** libseccomp's own filter for a config, or the errno with which it refused the config. */
export type LibseccompResult = { readonly program: Uint8Array } | { readonly errno: number };

/** The system's libseccomp, driven as runc drives it, to compare our filters with. */
export interface Libseccomp {
  /** The number of a system call, a negative one where the architecture lacks it, or undefined where it is unknown. */
  resolve(arch: string, name: string): number | undefined;
  /** Compiles for a native architecture, which need not be this machine's. */
  compile(config: Seccomp, native: string): LibseccompResult;
  close(): void;
}

/** Source: seccomp.h of libseccomp 2.5. */
const OPERATORS: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};
const ARCH_X32 = 0x4000003e;
const ATTRIBUTE_OPTIMIZE = 8;
const UNKNOWN_SYSCALL = -1;
/** Lists, the default, forget to load the number where the first call does not exist on an architecture (2.5.4). */
const BINARY_TREE = 2;

/** The functions used, with their types as koffi takes them. */
const SIGNATURES = {
  init: "void *seccomp_init(uint32_t action)",
  release: "void seccomp_release(void *ctx)",
  archNative: "uint32_t seccomp_arch_native()",
  archAdd: "int seccomp_arch_add(void *ctx, uint32_t arch)",
  archRemove: "int seccomp_arch_remove(void *ctx, uint32_t arch)",
  attrSet: "int seccomp_attr_set(void *ctx, int attribute, uint32_t value)",
  resolveName: "int seccomp_syscall_resolve_name(const char *name)",
  resolveNameArch: "int seccomp_syscall_resolve_name_arch(uint32_t arch, const char *name)",
  ruleAdd:
    "int seccomp_rule_add_array(void *ctx, uint32_t action, int syscall, unsigned int count, scmp_arg_cmp *args)",
  exportBpf: "int seccomp_export_bpf(void *ctx, int fd)",
} as const;

type Functions = Readonly<Record<keyof typeof SIGNATURES, (...args: readonly unknown[]) => number>>;

/** Loads libseccomp.so.2; returns why not where that fails. */
export function loadLibseccomp(): Libseccomp | string {
  try {
    const koffi = createRequire(import.meta.url)("koffi");
    const library = koffi.load("libseccomp.so.2");
    koffi.struct("scmp_arg_cmp", { arg: "unsigned int", op: "int", datum_a: "uint64_t", datum_b: "uint64_t" });
    const entries = Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)]);
    // koffi checked each signature; all of them return a number or a pointer that is only passed on.
    return new LoadedLibseccomp(Object.fromEntries(entries) as Functions);
  } catch (error) {
    return `libseccomp.so.2 cannot be loaded: ${String(error)}`;
  }
}

class LoadedLibseccomp implements Libseccomp {
  readonly #functions: Functions;
  readonly #directory = mkdtempSync(join(tmpdir(), "libseccomp-"));

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  resolve(arch: string, name: string): number | undefined {
    const number = this.#functions.resolveNameArch(token(arch), name);
    return number === UNKNOWN_SYSCALL ? undefined : number;
  }

  compile(config: Seccomp, native: string): LibseccompResult {
    const context = this.#functions.init(actionNumber(config.defaultAction, config.defaultErrnoRet));
    try {
      const result = this.#addArches(context, config, native) || this.#addRules(context, config);
      return result === 0 ? { program: this.#export(context) } : { errno: -result };
    } finally {
      this.#functions.release(context);
    }
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }

  /** This machine's own architecture is taken out before others are put in, because byte orders cannot be mixed. */
  #addArches(context: number, config: Seccomp, native: string): number {
    const { archNative, archRemove, archAdd } = this.#functions;
    archRemove(context, archNative());
    for (const arch of new Set([native, ...(config.architectures ?? [])])) {
      const result = archAdd(context, token(arch));
      if (result !== 0) return result;
    }
    return 0;
  }

  #addRules(context: number, config: Seccomp): number {
    if (config.syscalls?.length) this.#functions.attrSet(context, ATTRIBUTE_OPTIMIZE, BINARY_TREE);
    const defaultAction = actionNumber(config.defaultAction, config.defaultErrnoRet);
    for (const syscalls of config.syscalls ?? []) {
      if (actionNumber(syscalls.action, syscalls.errnoRet) === defaultAction) continue;
      for (const name of syscalls.names) {
        const result = this.#addRule(context, syscalls, name);
        if (result !== 0) return result;
      }
    }
    return 0;
  }

  #addRule(context: number, syscalls: SeccompSyscall, name: string): number {
    const number = this.#functions.resolveName(name);
    if (number === UNKNOWN_SYSCALL) return 0;
    const action = actionNumber(syscalls.action, syscalls.errnoRet);
    for (const args of alternatives(syscalls.args ?? [])) {
      const result = this.#functions.ruleAdd(context, action, number, args.length, args.map(comparison));
      if (result !== 0) return result;
    }
    return 0;
  }

  #export(context: number): Uint8Array {
    const path = join(this.#directory, "filter");
    const fd = openSync(path, "w");
    try {
      const result = this.#functions.exportBpf(context, fd);
      if (result !== 0) throw new Error(`seccomp_export_bpf: ${result}`);
    } finally {
      closeSync(fd);
    }
    return readFileSync(path);
  }
}

/** Conditions on the same argument become a rule each. */
function alternatives(args: readonly SeccompArg[]): readonly (readonly SeccompArg[])[] {
  const distinct = new Set(args.map((arg) => arg.index)).size;
  return distinct === args.length ? [args] : args.map((arg) => [arg]);
}

function comparison(arg: SeccompArg): object {
  return { arg: arg.index, op: OPERATORS[arg.op], datum_a: BigInt(arg.value), datum_b: BigInt(arg.valueTwo ?? 0) };
}

function token(arch: string): number {
  return arch === "SCMP_ARCH_X32" ? ARCH_X32 : (ARCHITECTURES[arch]?.audit ?? 0);
}

function actionNumber(action: string, errno: number | undefined): number {
  const known: Readonly<Record<string, number>> = SECCOMP_ACTIONS;
  const hasData = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
  return ((known[action] ?? 0) | (hasData ? (errno ?? 1) : 0)) >>> 0;
}
