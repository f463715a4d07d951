import { statSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../project-root.ts";
import { runCommand } from "../run-command.ts";

/**
 * The time that everything in a package bears, in seconds since 1970: $SOURCE_DATE_EPOCH, or the commit's, or in a source
 * archive that of package.json. Source: https://reproducible-builds.org/specs/source-date-epoch/
 */
export function sourceDate(): number {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  const { succeeded, output } = runCommand(["git", "log", "-1", "--format=%ct"]);
  if (succeeded && /^\d+\n$/.test(output)) return Number(output);
  return Math.floor(statSync(join(PROJECT_ROOT, "package.json")).mtimeMs / 1000);
}
