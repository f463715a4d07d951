/**
 * `npm run bench [-- --rounds=N --listed=N --alive=N]`: this project's runtime against those that are installed (with
 * CI=true runc and crun are installed first), in turn, and writes docs/benchmarks.md. It judges nothing: figures of a busy
 * machine are worth little.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildAll } from "../../src/tools/build-all.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { makeBenchRootfs, makeBundle } from "./bench-bundle.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { contenders } from "./contenders.ts";
import { librarySection } from "./library-section.ts";
import { machineFacts } from "./machine.ts";
import { aliveSection, listSection } from "./many-sections.ts";
import { memorySection } from "./memory-section.ts";
import { parallelSection } from "./parallel-section.ts";
import { runSections } from "./run-section.ts";
import { verbsSection } from "./verbs-section.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "40" },
    listed: { type: "string", default: "200" },
    alive: { type: "string", default: "1000" },
    output: { type: "string", default: join(PROJECT_ROOT, "docs/benchmarks.md") },
  },
});

if (process.env.CI === "true")
  runCommand(["apt-get", "-qq", "install", "-y", "--no-install-recommends", "runc", "crun"]);
if (!buildAll() || !runCommand(["make", "--silent", "-C", "test/probe"]).succeeded) process.exit(1);
const directory = mkdtempSync(join(tmpdir(), "mydocker-bench-"));
try {
  writeFileSync(values.output, await report());
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function report(): Promise<string> {
  const facts = machineFacts();
  const rootfs = makeBenchRootfs(directory);
  const { working, left } = contenders(directory, makeBundle(directory, "warm-up", { args: ["true"] }));
  for (const reason of left) console.log(reason);
  const context = {
    directory,
    contenders: working,
    rounds: Number(values.rounds),
    listed: Number(values.listed),
    alive: Number(values.alive),
  };
  const sections = (await allSections(context)).map(({ title, text }) => `## ${title}\n\n${text}\n`);
  return [introduction([...facts, `root filesystem: ${rootfs}`, ...left], context.rounds), ...sections].join("\n");
}

async function allSections(context: BenchContext): Promise<readonly Section[]> {
  const sections: Section[] = [];
  const add = (...added: readonly Section[]): void => {
    for (const { title, text } of added) console.log(`\n${title}\n\n${text}`);
    sections.push(...added);
  };
  add(...runSections(context));
  add(verbsSection(context));
  add(parallelSection(context));
  add(librarySection(context));
  add(await memorySection(context));
  add(listSection(context));
  add(aliveSection(context));
  return sections;
}

function introduction(facts: readonly string[], rounds: number): string {
  return `# Benchmarks

Written by \`npm run bench\`. All runtimes run the same bundles with our default config, in turn, ${rounds} rounds; CPU time is
that of all processes of a run, peak memory that of the largest one. Compare inside one table only. Minima say more than
medians where others use the machine too. What the figures come from: [performance.md](performance.md).

${facts.map((fact) => `- ${fact}`).join("\n")}
`;
}
