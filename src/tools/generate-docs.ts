/** Writes docs/man and docs/completions from the commander definitions. Run by `npm run docs`; a test finds stale ones. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeProgram } from "../cli/describe-program.ts";
import { bashCompletion } from "./docs/bash-completion.ts";
import { fishCompletion } from "./docs/fish-completion.ts";
import { programPage, verbPage } from "./docs/man-page.ts";
import { shownVerbs } from "./docs/shown.ts";
import { zshCompletion } from "./docs/zsh-completion.ts";
import { PROJECT_ROOT } from "./project-root.ts";

interface Generated {
  /** Relative to the project's root. */
  readonly path: string;
  readonly text: string;
}

/** The generated files; each completion has the name under which its shell looks for it. */
export function generateDocs(): readonly Generated[] {
  const program = describeProgram();
  const { name } = program;
  return [
    { path: `docs/man/${name}.8`, text: programPage(program) },
    ...shownVerbs(program).map((verb) => ({
      path: `docs/man/${name}-${verb.name}.8`,
      text: verbPage(program, verb),
    })),
    { path: `docs/completions/bash/${name}`, text: bashCompletion(program) },
    { path: `docs/completions/zsh/_${name}`, text: zshCompletion(program) },
    { path: `docs/completions/fish/${name}.fish`, text: fishCompletion(program) },
  ];
}

if (process.argv[1]?.endsWith("generate-docs.ts")) {
  for (const { path, text } of generateDocs()) {
    mkdirSync(dirname(join(PROJECT_ROOT, path)), { recursive: true });
    writeFileSync(join(PROJECT_ROOT, path), text);
  }
}
