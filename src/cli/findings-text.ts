import type { Problem } from "../base/problem.ts";
import { specUrl } from "../base/spec-ref.ts";
import type { LocatedProblem, ValidationReport } from "../runtime/index.ts";
import { shownPath } from "./shown-path.ts";
import { visibleText } from "./visible-text.ts";

/** The findings for people and editors, two lines each: `config.json:12:5: error: …` and a link to the spec. */
export function findingsText({ file, findings, isHostChecked }: ValidationReport, cwd: string): string {
  const path = shownPath(file, cwd);
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const total = `${counted(count("error"), "error")}, ${counted(count("warning"), "warning")}`;
  const unasked = isHostChecked ? "" : "; what this host can do of it shows once the errors are mended";
  return visibleText(`${findings.map((finding) => findingText(finding, path)).join("")}${path}: ${total}${unasked}\n`);
}

function findingText(finding: LocatedProblem, path: string): string {
  const { location, severity, code, spec } = finding;
  const { line, column } = location.start;
  const link = spec === undefined ? "" : `    ${specUrl(spec)}\n`;
  return `${path}:${line}:${column}: ${severity}: ${findingSentence(finding)} [${code}]\n${link}`;
}

/** A finding in one line: `/process/cwd: "tmp" must be an absolute path; fix: write "/tmp"`. */
export function findingSentence({ pointer, value, message, fix }: Problem): string {
  const place = pointer === "" ? "the config" : `${pointer.replaceAll("\n", "\\n")}:`;
  const shown = value === undefined ? "" : `${value} `;
  return `${place} ${shown}${message}${fix === undefined ? "" : `; fix: ${fix}`}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
