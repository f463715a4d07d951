import type { Measurement } from "./measure.ts";

interface Column {
  readonly title: string;
  readonly value: (runs: readonly Measurement[]) => number;
}

const COLUMNS: readonly Column[] = [
  { title: "min ms", value: (runs) => Math.min(...runs.map(({ wallNs }) => wallNs)) / 1e6 },
  { title: "median ms", value: (runs) => median(runs.map(({ wallNs }) => wallNs)) / 1e6 },
  { title: "CPU ms", value: (runs) => median(runs.map(({ cpuUs }) => cpuUs)) / 1e3 },
  { title: "peak MiB", value: (runs) => Math.max(...runs.map(({ peakKiB }) => peakKiB)) / 1024 },
];

const NAME_WIDTH = 26;
const WIDTH = 12;

/** Prints what each runtime took, and then the first one's figures as ratios of the others'. */
export function table(names: readonly string[], results: readonly (readonly Measurement[])[]): string {
  const values = results.map((runs) => COLUMNS.map(({ value }) => value(runs)));
  const [first = []] = values;
  const rows = names.map((name, index) =>
    row(
      name,
      (values[index] ?? []).map((value) => value.toFixed(1)),
    ),
  );
  const ratios = names.slice(1).map((name, index) => {
    const others = values[index + 1] ?? [];
    return row(
      `ratio to ${name}`,
      first.map((value, column) => (value / (others[column] ?? Number.NaN)).toFixed(2)),
    );
  });
  return [
    row(
      "",
      COLUMNS.map(({ title }) => title),
    ),
    ...rows,
    ...ratios,
  ].join("\n");
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(WIDTH)).join("");
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return ((sorted[middle] ?? 0) + (sorted[sorted.length - 1 - middle] ?? 0)) / 2;
}
