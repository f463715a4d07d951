import { formatProblem } from "../base/problem.ts";
import type { Seccomp } from "../config/types.gen.ts";
import type { SeccompProgram } from "../seccomp/compile-seccomp.ts";
import { nativeArchitecture } from "../sys/probe-host.ts";
import type { RuntimeContext } from "./options.ts";

/**
 * Compiles linux.seccomp for this host. The compiler, which brings the tables of system calls, is loaded only here. Of
 * rules that never apply `validate` tells: podman's default profile has some, and podman cannot read a log that holds
 * a warning beside the error.
 */
export async function compileFilter(
  seccomp: Seccomp | undefined,
  context: RuntimeContext,
): Promise<SeccompProgram | undefined> {
  if (seccomp === undefined) return undefined;
  const program = programs.get(seccomp) ?? (await compile(seccomp));
  for (const warning of program.warnings) {
    if (warning.code !== "SECCOMP_SHADOWED") context.warn(formatProblem(warning));
  }
  return program;
}

/** Of configs that are remembered: see prepare.ts. */
const programs = new WeakMap<Seccomp, SeccompProgram>();

async function compile(seccomp: Seccomp): Promise<SeccompProgram> {
  const { compileSeccomp } = await import("../seccomp/compile-seccomp.ts");
  const program = compileSeccomp(seccomp, { native: nativeArchitecture() });
  programs.set(seccomp, program);
  return program;
}
