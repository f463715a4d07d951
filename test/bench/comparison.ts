import type { Contender } from "./contenders.ts";
import type { Measurement } from "./measure.ts";
import { median } from "./statistics.ts";
import { markdownTable } from "./table.ts";

interface Column {
  readonly title: string;
  readonly value: (runs: readonly Measurement[]) => number;
}

const wallMs = (runs: readonly Measurement[]): readonly number[] => runs.map(({ wallNs }) => wallNs / 1e6);

const COLUMNS: readonly Column[] = [
  { title: "min ms", value: (runs) => Math.min(...wallMs(runs)) },
  { title: "median ms", value: medianMs },
  { title: "CPU min ms", value: (runs) => Math.min(...runs.map(({ cpuUs }) => cpuUs)) / 1e3 },
  { title: "CPU median ms", value: (runs) => median(runs.map(({ cpuUs }) => cpuUs)) / 1e3 },
  { title: "peak MiB", value: (runs) => Math.max(...runs.map(({ peakKiB }) => peakKiB)) / 1024 },
];

/** The wall time in the middle, in milliseconds. */
export function medianMs(runs: readonly Measurement[]): number {
  return median(wallMs(runs));
}

/** What each contender took for one command, then the first one's figures as ratios of each peer's. */
export function comparison(contenders: readonly Contender[], results: readonly (readonly Measurement[])[]): string {
  const values = results.map((runs) => COLUMNS.map(({ value }) => value(runs)));
  const rows = contenders.map(({ name }, index) => [name, ...(values[index] ?? []).map((value) => value.toFixed(1))]);
  const ratios = contenders.flatMap(({ name, isPeer }, index) =>
    isPeer ? [[`ratio to ${name}`, ...ratiosOf(values[0], values[index])]] : [],
  );
  return markdownTable(["", ...COLUMNS.map(({ title }) => title)], [...rows, ...ratios]);
}

function ratiosOf(ours: readonly number[] = [], theirs: readonly number[] = []): readonly string[] {
  return ours.map((value, column) => (value / (theirs[column] ?? Number.NaN)).toFixed(2));
}
