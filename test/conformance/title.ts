import type { SpecRef } from "../../src/base/spec-ref.ts";

export type Level = "MUST" | "MUST NOT" | "REQUIRED";

/** A sentence of the spec that a runtime has to follow on Linux. */
export interface Requirement {
  /** "MD", the file of the spec, and a number in the order of its text. */
  readonly id: `MD-${"RT" | "RL" | "CF" | "CL" | "FT" | "FL"}-${string}`;
  readonly level: Level;
  readonly says: string;
  readonly at: SpecRef;
  readonly since?: "1.1" | "1.2" | "1.3" | undefined;
}

/** The name of a requirement's test, from which the table is made: "MD-RT-02 MUST: … (runtime.md#state, since 1.1)". */
export function titleOf({ id, level, says, at, since }: Requirement): string {
  return `${id} ${level}: ${says} (${at}${since === undefined ? "" : `, since ${since}`})`;
}

const TITLE = /^(MD-\w\w-\d+) (MUST NOT|MUST|REQUIRED): (.*) \(([^(),]*)(?:, since ([\d.]+))?\)$/s;

/** Reads the name of a test; undefined for one that is no requirement's. */
export function requirementOf(title: string): Requirement | undefined {
  const [, id, level, says, at, since] = TITLE.exec(title) ?? [];
  // What the pattern has matched was written by titleOf.
  return id === undefined ? undefined : ({ id, level, says, at, since } as Requirement);
}
