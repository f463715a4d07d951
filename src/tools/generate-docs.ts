/** Writes docs/man and docs/completions from the commander definitions. Run by `npm run docs`; a test finds stale ones. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bashCompletion } from "./docs/bash-completion.ts";
import { documentedEngine } from "./docs/documented-engine.ts";
import { documentedRuntime } from "./docs/documented-runtime.ts";
import { fishCompletion } from "./docs/fish-completion.ts";
import { pageName, programPage, verbPage } from "./docs/man-page.ts";
import { type DocumentedProgram, shownVerbs } from "./docs/shown.ts";
import { zshCompletion } from "./docs/zsh-completion.ts";
import { PROJECT_ROOT } from "./project-root.ts";

interface Generated {
  /** Relative to the project's root. */
  readonly path: string;
  readonly text: string;
}

/** The generated files. */
export function generateDocs(): readonly Generated[] {
  return [documentedRuntime(), documentedEngine()].flatMap(docsOf);
}

/** Each completion has the name under which its shell looks for it. */
function docsOf(program: DocumentedProgram): readonly Generated[] {
  const { name, section } = program;
  return [
    { path: `docs/man/${name}.${section}`, text: programPage(program) },
    ...shownVerbs(program).map((verb) => ({
      path: `docs/man/${pageName(program, verb)}.${section}`,
      text: verbPage(program, verb),
    })),
    { path: `docs/completions/bash/${name}`, text: bashCompletion(program) },
    { path: `docs/completions/zsh/_${name}`, text: zshCompletion(program) },
    { path: `docs/completions/fish/${name}.fish`, text: fishCompletion(program) },
  ];
}

if (process.argv[1]?.endsWith("generate-docs.ts")) {
  // What is generated no longer goes.
  for (const directory of ["man", "completions"])
    rmSync(join(PROJECT_ROOT, "docs", directory), { recursive: true, force: true });
  for (const { path, text } of generateDocs()) {
    mkdirSync(dirname(join(PROJECT_ROOT, path)), { recursive: true });
    writeFileSync(join(PROJECT_ROOT, path), text);
  }
}
