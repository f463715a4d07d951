import type { HostFinding } from "../runtime/index.ts";
import { visibleText } from "./visible-text.ts";

/** Each finding a line: "ok", "warning" or "missing", its name, what was seen; below it what that means and what mends it. */
export function hostFindingsText(findings: readonly HostFinding[]): string {
  const width = Math.max(...findings.map(({ name }) => Math.min(name.length, MAX_NAME)));
  const count = (status: HostFinding["status"]) => findings.filter((finding) => finding.status === status).length;
  const verdict = count("missing") === 0 ? "a container can run here" : "no container can run here as it is";
  const total = `${verdict}: ${count("ok")} ok, ${count("warning")} warnings, ${count("missing")} missing`;
  return visibleText(`${findings.map((finding) => findingText(finding, width)).join("")}${total}\n`);
}

/** Of the columns of names, beyond which one only moves its own line. */
const MAX_NAME = 18;

const STATUS_WIDTH = "warning".length;

function findingText({ status, name, seen, effect, fix }: HostFinding, width: number): string {
  const indent = " ".repeat(STATUS_WIDTH + 2);
  const first = `${status.padEnd(STATUS_WIDTH)}  ${name.padEnd(width)}  ${seen}\n`;
  const below = [...(effect === undefined ? [] : [effect]), ...(fix === undefined ? [] : [`fix: ${fix}`])];
  return `${first}${below.map((line) => `${indent}${line}\n`).join("")}`;
}
