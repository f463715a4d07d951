import { specUrl } from "../base/spec-ref.ts";
import type { LocatedProblem, ValidationReport } from "../runtime/index.ts";

/** The report as one JSON object: the file, whether a container could be made of it, and the findings. */
export function findingsJson({ file, findings, isHostChecked }: ValidationReport): string {
  const valid = findings.every(({ severity }) => severity === "warning");
  return `${JSON.stringify({ file, valid, hostChecked: isHostChecked, findings: findings.map(members) }, null, 2)}\n`;
}

/** `line` and `column` count from 1, columns in UTF-16 code units; `endColumn` is behind the last character. */
function members({ location: { start, end }, spec, ...problem }: LocatedProblem) {
  const { severity, code, pointer, value, message, fix } = problem;
  return {
    severity,
    code,
    pointer,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    value,
    message,
    fix,
    spec: spec && specUrl(spec),
  };
}
