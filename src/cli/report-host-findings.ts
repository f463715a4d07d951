import { canRun, type HostFinding } from "../base/host-finding.ts";
import { EXIT_FAILURE, EXIT_SUCCESS } from "./exit-code.ts";
import { hostFindingsJson } from "./host-findings-json.ts";
import { hostFindingsText } from "./host-findings-text.ts";

/** Prints what `doctor` has found, and gives its exit status. */
export function reportHostFindings(
  findings: readonly HostFinding[],
  format: "text" | "json",
  print: (text: string) => void,
): number {
  print(format === "json" ? hostFindingsJson(findings) : hostFindingsText(findings));
  return canRun(findings) ? EXIT_SUCCESS : EXIT_FAILURE;
}
