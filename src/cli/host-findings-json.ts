import { canRun, type HostFinding } from "../base/host-finding.ts";

/** The findings as one JSON object, with whether a container can run. */
export function hostFindingsJson(findings: readonly HostFinding[]): string {
  return `${JSON.stringify({ canRun: canRun(findings), facts: findings }, null, 2)}\n`;
}
