import { ConfigError, type Problem } from "../base/problem.ts";
import type { Config, Process } from "./types.gen.ts";
import { checkConfig } from "./validate-config.ts";

/** A process that can be executed in a container, and what should be told about it all the same. */
export interface ValidatedProcess {
  readonly process: Process;
  readonly warnings: readonly Problem[];
}

/**
 * Checks a parsed process, as `exec --process` takes it, against the schema and the rules, in the place of the process
 * of the container's config. Pointers begin at the process. Throws ConfigError. Source: config.md#process.
 */
export function validateProcess(value: unknown, container: Config): ValidatedProcess {
  const { errors, warnings } = checkConfig({ ...container, process: value });
  const own = (problems: readonly Problem[]): readonly Problem[] => problems.flatMap(asProcessProblem);
  if (own(errors).length > 0) throw new ConfigError("Cannot use the process", [...own(errors), ...own(warnings)]);
  // Without errors the schema has accepted the value in the place of a process.
  return { process: value as Process, warnings: own(warnings) };
}

function asProcessProblem(problem: Problem): readonly Problem[] {
  // Who writes a process by hand, for one command, means root.
  if (problem.code === "USER_INCOMPLETE") return [];
  if (problem.pointer !== "/process" && !problem.pointer.startsWith("/process/")) return [];
  // What follows "/process" is empty or begins with a slash.
  return [{ ...problem, pointer: problem.pointer.slice("/process".length) as Problem["pointer"] }];
}
