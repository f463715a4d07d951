import { RuntimeError } from "../base/errors.ts";
import { pointerTo } from "../base/json-pointer.ts";
import { ConfigError, type Problem } from "../base/problem.ts";
import { Findings } from "../config/findings.ts";
import type { Seccomp } from "../config/types.gen.ts";
import { type Architecture, findArchitecture, isLittleEndian } from "../linux/arch.ts";
import { BPF, BPF_MAXINSNS, SECCOMP_ACTIONS, SECCOMP_DATA } from "../linux/seccomp.ts";
import { addArchTree, type FilterContext } from "./arch-tree.ts";
import { assemble, type BpfProgram } from "./assemble.ts";
import { checkRules } from "./check-rules.ts";
import { DecisionGraph, type GraphNode } from "./decision-graph.ts";
import { filterFlags } from "./filter-flags.ts";
import { type RuleBook, readRules } from "./rules.ts";

export interface SeccompOptions {
  /** The architecture that the kernel runs natively, as linux.seccomp names it; always part of the filter. */
  readonly native: string;
  /**
   * Answer ENOSYS to system calls that are newer than the newest one in the config, where the default action would deny
   * them: on ENOSYS, and on that only, a C library falls back to an older call. Default true.
   */
  readonly enosysStub?: boolean;
}

/** A filter, ready for seccomp(2). */
export interface SeccompProgram {
  /** An array of struct sock_filter as memory holds it, in lower-case hexadecimal, 16 digits an instruction. */
  readonly instructions: string;
  readonly count: number;
  /** SECCOMP_FILTER_FLAG_* for SECCOMP_SET_MODE_FILTER. */
  readonly flags: number;
  /** Whether seccomp(2) returns a listener, to be sent to listenerPath. */
  readonly needsListener: boolean;
  readonly warnings: readonly Problem[];
}

/**
 * Compiles a valid linux.seccomp to classic BPF. A call through an ABI that is neither native nor listed kills the
 * thread. Throws ConfigError for rules that contradict each other, for a mixture of byte orders, and for a filter that is
 * too long; RuntimeError ERR_NOT_SUPPORTED for a native architecture that the spec does not have.
 * Source: runtime-spec config-linux.md#seccomp, seccomp(2), seccomp_rule_add(3).
 */
export function compileSeccomp(seccomp: Seccomp, options: SeccompOptions): SeccompProgram {
  const found = new Findings();
  const native = nativeArch(options.native);
  const arches = listedArches(seccomp, native, found);
  const book = readRules(seccomp, found);
  const needsListener = usesNotify(seccomp);
  const flags = filterFlags(seccomp.flags, needsListener, found);
  checkBook(book, found);
  const answersEnosys = (options.enosysStub ?? true) && !isPermissive(seccomp);
  const { hex, count } = compile(newContext({ found, book, answersEnosys }), arches, native);
  throwErrors(found);
  return { instructions: hex, count, flags, needsListener, warnings: found.warnings };
}

function nativeArch(name: string): Architecture {
  const arch = findArchitecture(name);
  if (arch !== undefined) return arch;
  throw new RuntimeError(
    "ERR_NOT_SUPPORTED",
    `Cannot compile a seccomp filter: the architecture "${name}" is not known`,
  );
}

/** The architectures of the filter, the native one first, each once. */
function listedArches(seccomp: Seccomp, native: Architecture, found: Findings): readonly Architecture[] {
  const arches = new Set([native]);
  for (const [position, name] of (seccomp.architectures ?? []).entries()) {
    const arch = nativeArch(name);
    if (isLittleEndian(arch) === isLittleEndian(native)) {
      arches.add(arch);
      continue;
    }
    const pointer = pointerTo("/linux/seccomp/architectures", position);
    const message = "has another byte order than this machine, which never runs it";
    found.error({ code: "SECCOMP_ARCH", pointer, value: name, message, fix: "take it out", spec: SPEC });
  }
  return [...arches];
}

const SPEC = "config-linux.md#seccomp";

function usesNotify({ defaultAction, syscalls = [] }: Seccomp): boolean {
  return [defaultAction, ...syscalls.map(({ action }) => action)].includes("SCMP_ACT_NOTIFY");
}

/** Whether a call without a rule works, or is somebody else's to answer. */
function isPermissive({ defaultAction }: Seccomp): boolean {
  return ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY"].includes(defaultAction);
}

function checkBook(book: RuleBook, found: Findings): void {
  let row = 0;
  for (const rules of book.rulesByRow) {
    if (rules !== undefined && rules.length > 1) checkRules(row, rules, found);
    row += 1;
  }
}

function newContext(known: Pick<FilterContext, "found" | "book" | "answersEnosys">): FilterContext {
  const graph = new DecisionGraph();
  return {
    ...known,
    graph,
    unmatched: graph.leaf(known.book.defaultAction),
    badArch: graph.leaf(SECCOMP_ACTIONS.SCMP_ACT_KILL_THREAD),
    outcomes: { 32: new Map(), 64: new Map() },
  };
}

function compile(context: FilterContext, arches: readonly Architecture[], native: Architecture): BpfProgram {
  const program = assemble(context.graph, addDispatch(context, arches), isLittleEndian(native));
  if (program.count > BPF_MAXINSNS) {
    const message = `makes a filter of ${program.count} instructions, and the kernel takes ${BPF_MAXINSNS} at most`;
    const fix = "take architectures or conditions out";
    context.found.error({ code: "SECCOMP_LENGTH", pointer: "/linux/seccomp", message, fix, spec: SPEC });
  }
  return program;
}

/** The questions about the architecture, the native one first. */
function addDispatch(context: FilterContext, arches: readonly Architecture[]): GraphNode {
  const audits = [...new Set(arches.map((arch) => arch.audit))];
  return audits.reduceRight<GraphNode>((others, audit) => {
    const tree = addArchTree(
      context,
      arches.filter((arch) => arch.audit === audit),
    );
    return context.graph.test({ word: SECCOMP_DATA.arch, jump: BPF.JEQ, value: audit }, tree, others);
  }, context.badArch);
}

function throwErrors({ errors, warnings }: Findings): void {
  const [first] = errors;
  if (first === undefined) return;
  const details = { pointer: first.pointer, spec: SPEC } as const;
  throw new ConfigError("Cannot compile the seccomp filter", [...errors, ...warnings], details);
}
