import { join } from "node:path";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { installedPeers } from "../helpers/peers.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { median } from "./statistics.ts";
import { markdownTable } from "./table.ts";

const LIVES = 40;
const ROUNDS = 3;
/** The first lives warm the engine up. */
const WARMUP = 5;

/** Create, start, await the end, delete, in one long-lived process: by the library, and by spawning the peers. */
export function librarySection(context: BenchContext): Section {
  const ways = waysOf();
  const times = ways.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, way] of ways.entries()) times[index]?.push(...live(way, context).slice(WARMUP));
  }
  const medians = times.map(median);
  const rows = ways.map(({ name }, index) => [
    name,
    Math.min(...(times[index] ?? [])).toFixed(1),
    (medians[index] ?? Number.NaN).toFixed(1),
    index === 0 ? "" : ((medians[0] ?? Number.NaN) / (medians[index] ?? Number.NaN)).toFixed(2),
  ]);
  return {
    title: "A life (create, start, end, delete) in a long-lived process",
    text: markdownTable(["", "min ms", "median ms", "the first as a ratio"], rows),
  };
}

interface Way {
  readonly name: string;
  readonly engine: readonly string[];
  readonly program: readonly string[];
}

function waysOf(): readonly Way[] {
  const bun = [process.execPath, join(PROJECT_ROOT, "test/bench/library-life.ts")];
  const node = findProgram("node");
  return [
    { name: "library, Bun", engine: bun, program: [] },
    ...(node === undefined
      ? []
      : [
          {
            name: "library, Node",
            engine: [node, join(PROJECT_ROOT, "build/test/bench/library-life.js")],
            program: [],
          },
        ]),
    ...installedPeers().map(({ name, path }) => ({ name: `spawning ${name}`, engine: bun, program: [path] })),
  ];
}

function live({ name, engine, program }: Way, { directory, states }: BenchContext): readonly number[] {
  const root = join(states, `library-${name.replaceAll(/[ ,]/g, "-")}`);
  const { succeeded, output } = runCommand([...engine, String(LIVES), join(directory, "true"), root, ...program]);
  if (!succeeded) throw new Error(`${name}: ${output}`);
  return JSON.parse(output) as number[]; // what library-life.ts prints
}
