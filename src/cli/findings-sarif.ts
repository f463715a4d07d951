import { specUrl } from "../base/spec-ref.ts";
import { VERSION } from "../base/version.ts";
import type { LocatedProblem, ValidationReport } from "../runtime/index.ts";
import { findingSentence } from "./findings-text.ts";
import { shownPath } from "./shown-path.ts";

/** The findings for code scanning services and editors. Source: SARIF 2.1.0 (OASIS Standard). */
export function findingsSarif({ file, findings }: ValidationReport, cwd: string): string {
  const rules = rulesOf(findings);
  const uri = uriOf(shownPath(file, cwd));
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "mydocker-runtime validate", version: VERSION, rules } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, rules, uri)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

interface Rule {
  readonly id: string;
  readonly helpUri?: string;
}

/** Each code once, sorted; its link is that of the first finding that has one. */
function rulesOf(findings: readonly LocatedProblem[]): readonly Rule[] {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  return codes.map((id) => {
    const spec = findings.find((finding) => finding.code === id && finding.spec !== undefined)?.spec;
    return { id, ...(spec !== undefined && { helpUri: specUrl(spec) }) };
  });
}

function resultOf(finding: LocatedProblem, rules: readonly Rule[], uri: string) {
  const { code, severity, pointer, spec, location } = finding;
  const { start, end } = location;
  return {
    ruleId: code,
    ruleIndex: rules.findIndex(({ id }) => id === code),
    level: severity,
    message: { text: findingSentence(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri },
          region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
        },
        // The whole document has no name.
        ...(pointer !== "" && { logicalLocations: [{ fullyQualifiedName: pointer }] }),
      },
    ],
    ...(spec !== undefined && { properties: { spec: specUrl(spec) } }),
  };
}

/** A URI reference: a relative path stays one, so that it is found in any checkout; an absolute one gets its scheme. */
function uriOf(path: string): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `file://${encoded}` : encoded;
}
