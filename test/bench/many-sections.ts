import { runCommand } from "../../src/tools/run-command.ts";
import { makeBundle } from "./bench-bundle.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { comparison, medianMs } from "./comparison.ts";
import { argvOf, COMPILED, type Contender, idOf, ON_NODE, OURS } from "./contenders.ts";
import { measure } from "./measure.ts";
import { median } from "./statistics.ts";
import { markdownTable } from "./table.ts";

/** `list` while many containers are there. */
export function listSection(context: BenchContext): Section {
  const { listed, rounds } = context;
  const contenders = context.contenders.filter(({ name }) => name !== ON_NODE && name !== COMPILED);
  const bundle = makeBundle(context.directory, "listed", { args: ["sleep", "10000"] });
  const ids = contenders.map((each) => Array.from({ length: listed }, (_, index) => idOf(each, `-l${index}`)));
  try {
    for (const [at, each] of contenders.entries()) for (const id of ids[at] ?? []) create(each, bundle, id);
    const results = measure(
      { rounds, pauseMs: 0 },
      contenders.map((each) => argvOf(each, "list")),
    );
    return { title: `\`list\` with ${listed} containers`, text: comparison(contenders, results) };
  } finally {
    for (const [at, each] of contenders.entries()) for (const id of ids[at] ?? []) remove(each, id);
  }
}

const EDGE = 100;

/** Many containers alive at once, of one runtime after the other: what creating the last ones takes against the first ones. */
export function aliveSection({ directory, contenders, alive }: BenchContext): Section {
  const compared = contenders.filter(({ name, isPeer }) => name === OURS || isPeer);
  const bundle = makeBundle(directory, "alive", { args: ["sleep", "10000"] });
  const rows = compared.map((each) => {
    const ids = Array.from({ length: alive }, (_, index) => idOf(each, `-a${index}`));
    try {
      const times = ids.map((id) => create(each, bundle, id));
      const [first, last] = [median(times.slice(0, EDGE)), median(times.slice(-EDGE))];
      return [each.name, first.toFixed(1), last.toFixed(1), (last / first).toFixed(2)];
    } finally {
      for (const id of ids) remove(each, id);
    }
  });
  return {
    title: `${alive} containers alive at once: \`create\`, medians of ${EDGE}`,
    text: markdownTable(["", "first ms", "last ms", "ratio"], rows),
  };
}

/** How many milliseconds it takes; the container is left running. */
function create(each: Contender, bundle: string, id: string): number {
  const command = argvOf(each, "create", "--bundle", bundle, id);
  const [runs = []] = measure({ rounds: 1, pauseMs: 0, leavesContainers: true }, [command]);
  return medianMs(runs);
}

function remove(each: Contender, id: string): void {
  runCommand(argvOf(each, "delete", "--force", id));
}
