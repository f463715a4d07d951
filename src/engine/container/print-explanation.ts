import { printConfigChanges } from "../../config/config-diff.ts";
import type { StepRow } from "../../runtime/index.ts";
import type { ExplainedSetting } from "./explain-settings.ts";

/** Each setting, what it makes of config.json, and the steps that come from there. Pure. */
export function printExplanation(settings: readonly ExplainedSetting[], rows: readonly StepRow[]): string {
  return settings.map((setting) => printSetting(setting, rows)).join("\n");
}

function printSetting({ from, changes }: ExplainedSetting, rows: readonly StepRow[]): string {
  const lines = changes.flatMap((change) => [
    `  ${printConfigChanges([change]).trimEnd()}`,
    ...rows.filter(({ from: origin }) => isAbout(origin, change.pointer)).map(printStep),
  ]);
  return [from, ...new Set(lines)].join("\n") + "\n";
}

function printStep({ step, at, op, show }: StepRow): string {
  return `      step ${step}, ${at}: ${op} ${show}`.trimEnd();
}

/** A step names a place, or what that is a part of; the parts of the whole config tell nothing. */
function isAbout(origin: string, pointer: string): boolean {
  if (origin === pointer || origin.startsWith(`${pointer}/`)) return true;
  return pointer.startsWith(`${origin}/`) && origin.split("/").length > 2;
}
