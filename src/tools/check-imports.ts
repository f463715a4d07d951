/** Prints each import of src/ that breaks the order of folders, and fails where there is one. */
import { join } from "node:path";
import { brokenImportRule } from "./import-rules.ts";
import { PROJECT_ROOT } from "./project-root.ts";
import { readImports } from "./read-imports.ts";

const broken = readImports(join(PROJECT_ROOT, "src")).flatMap((statement) => {
  const rule = brokenImportRule(statement);
  return rule === undefined ? [] : [`src/${statement.from} imports "${statement.to}": ${rule}`];
});
for (const line of broken) console.error(line);
process.exitCode = broken.length === 0 ? 0 : 1;
