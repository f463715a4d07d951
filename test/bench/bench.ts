/**
 * `npm run bench [-- --rounds=N --listed=N --alive=N --megabytes=N --parts=run,verbs,…]`, as root: this project's
 * runtime against those that are installed (with CI=true runc and crun are installed first), `mydocker` against podman and
 * docker, and its images against tar, in turn; writes docs/benchmarks.md; of some parts only their sections. It judges nothing: figures of a busy machine are worth little.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildAll } from "../../src/tools/build-all.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { makeBenchRootfs, makeBundle } from "./bench-bundle.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { COMPILED, contenders } from "./contenders.ts";
import { engineSections } from "./engine-section.ts";
import { imagesSection } from "./images-section.ts";
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
    megabytes: { type: "string", default: "1024" },
    parts: { type: "string", default: "" },
    output: { type: "string", default: join(PROJECT_ROOT, "docs/benchmarks.md") },
  },
});

/** A tmpfs on every Linux. */
const SHARED_MEMORY = "/dev/shm";

type Part = (context: BenchContext) => readonly Section[] | Promise<readonly Section[]>;

const PARTS: Readonly<Record<string, Part>> = {
  run: runSections,
  verbs: (context) => [verbsSection(context)],
  parallel: (context) => [parallelSection(context)],
  library: (context) => [librarySection(context)],
  memory: async (context) => [await memorySection(context)],
  list: (context) => [listSection(context)],
  alive: (context) => [aliveSection(context)],
  engine: engineSections,
  images: (context) => [imagesSection(context)],
};

if (process.env.CI === "true")
  runCommand(["apt-get", "-qq", "install", "-y", "--no-install-recommends", "runc", "crun"]);
if (!buildAll() || !runCommand(["make", "--silent", "-C", "test/probe"]).succeeded) process.exit(1);
const directory = mkdtempSync(join(tmpdir(), "mydocker-bench-"));
// As /run is where runtimes are used.
const states = mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : directory, "mydocker-bench-"));
try {
  writeFileSync(values.output, await report());
} finally {
  rmSync(states, { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
}

async function report(): Promise<string> {
  const facts = machineFacts();
  const rootfs = makeBenchRootfs(directory);
  const { working, left } = contenders(states, makeBundle(directory, "true", { args: ["true"] }));
  for (const reason of left) console.log(reason);
  const context = {
    directory,
    states,
    contenders: working,
    rounds: Number(values.rounds),
    listed: Number(values.listed),
    alive: Number(values.alive),
    megabytes: Number(values.megabytes),
  };
  const sections = await measuredSections(context, values.parts === "" ? Object.keys(PARTS) : values.parts.split(","));
  const texts = sections.map(({ title, text }) => `## ${title}\n\n${text}\n`);
  const head = introduction([...facts, `root filesystem: ${rootfs}`, ...left], context.rounds);
  return [head, ...(values.parts === "" ? texts : merged(sectionsOf(values.output), texts))].join("\n");
}

async function measuredSections(context: BenchContext, parts: readonly string[]): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (const name of parts) {
    const added = (await PARTS[name]?.(context)) ?? [];
    for (const { title, text } of added) console.log(`\n${title}\n\n${text}`);
    sections.push(...added);
  }
  return sections;
}

/** The sections that an earlier run has written. */
function sectionsOf(file: string): readonly string[] {
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .split(/^(?=## )/m)
        .slice(1)
    : [];
}

/** New sections in the place of those with their titles, and others behind them all. */
function merged(earlier: readonly string[], fresh: readonly string[]): readonly string[] {
  const titleOf = (section: string): string => section.slice(0, section.indexOf("\n"));
  const freshByTitle = new Map(fresh.map((section) => [titleOf(section), section]));
  const kept = earlier.map((section) => freshByTitle.get(titleOf(section)) ?? `${section.trimEnd()}\n`);
  const known = new Set(earlier.map(titleOf));
  return [...kept, ...fresh.filter((section) => !known.has(titleOf(section)))];
}

function introduction(facts: readonly string[], rounds: number): string {
  return `# Benchmarks

Written by \`npm run bench\`. All runtimes run the same bundles with our default config, in turn, ${rounds} rounds; CPU time is
that of all processes of a run, peak memory that of the largest one. The state roots are on a tmpfs, as /run is on most
hosts. Compare inside one table only. Minima say more than medians where others use the machine too. What the figures come from: [performance.md](performance.md).

The first line is what a config takes that comes again: its plan is kept (architecture.md, "Kept plans"); the two first runs
compile it, and the peak of a table that they are in is theirs. "${COMPILED}" is what a config takes that
does not come again, with 2 to 3 ms for env(1), which turns kept plans off.

${facts.map((fact) => `- ${fact}`).join("\n")}
`;
}
