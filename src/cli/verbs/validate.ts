import type { ValidationReport } from "../../runtime/index.ts";
import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";
import { EXIT_FAILURE, EXIT_SUCCESS } from "../exit-code.ts";
import { findingsJson } from "../findings-json.ts";
import { findingsSarif } from "../findings-sarif.ts";
import { findingsText } from "../findings-text.ts";

const PRINTERS: Readonly<Record<"text" | "json" | "sarif", (report: ValidationReport, cwd: string) => string>> = {
  text: findingsText,
  json: findingsJson,
  sarif: findingsSarif,
};

export const act: Act<"validate"> = async ({ flags }, { runtime, context, cwd, print }) => {
  const report = await runtime.validateBundle(context, { bundle: absolutePath(cwd, flags.bundle ?? "") });
  print(PRINTERS[flags.format](report, cwd));
  const isRefused = report.findings.some(({ severity }) => flags.strict || severity === "error");
  return isRefused ? EXIT_FAILURE : EXIT_SUCCESS;
};
