import { join } from "node:path";
import { runCommand } from "../../src/tools/run-command.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { argvOf, type Contender, idOf } from "./contenders.ts";
import { median } from "./statistics.ts";
import { markdownTable } from "./table.ts";

const WIDTH = 4;
const PER_FLOOD = 40;
const FLOODS = 5;

/** Four `run true` at a time. Uses the bundle that the contenders were tried with. */
export function parallelSection({ directory, contenders }: BenchContext): Section {
  const rates = contenders.map((): number[] => []);
  for (let flood = 0; flood < FLOODS; flood++) {
    for (const [index, each] of contenders.entries()) rates[index]?.push(containersPerSecond(each, directory));
  }
  const ours = median(rates[0] ?? []);
  const rows = contenders.map(({ name, isPeer }, index) => {
    const rate = median(rates[index] ?? []);
    return [name, rate.toFixed(1), isPeer ? (ours / rate).toFixed(2) : ""];
  });
  return {
    title: `${WIDTH} \`run true\` at a time`,
    text: markdownTable(["", "containers a second", "times as many"], rows),
  };
}

function containersPerSecond(each: Contender, directory: string): number {
  const command = argvOf(each, "run", "--bundle", join(directory, "true"), idOf(each, "-@"));
  const { succeeded, output } = runCommand(["build/probe/flood", String(PER_FLOOD), String(WIDTH), ...command]);
  if (!succeeded) throw new Error(`Cannot run ${WIDTH} at a time: ${output}`);
  return PER_FLOOD / (Number(output.trim()) / 1e9);
}
