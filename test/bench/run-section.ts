import { join } from "node:path";
import { makeBundle } from "./bench-bundle.ts";
import { type BenchContext, PAUSES_MS, pauseText, type Section } from "./bench-context.ts";
import { comparison, medianMs } from "./comparison.ts";
import { argvOf, idOf } from "./contenders.ts";
import { type Measurement, measure } from "./measure.ts";
import { markdownTable } from "./table.ts";

/** A whole `run true`, and what docker's default seccomp profile adds to it: in turn, in the same rounds. */
export function runSections({ directory, contenders, rounds }: BenchContext): readonly Section[] {
  const bundles = [join(directory, "true"), makeBundle(directory, "seccomp", { args: ["true"], hasSeccomp: true })];
  const commands = bundles.flatMap((bundle) =>
    contenders.map((each) => argvOf(each, "run", "--bundle", bundle, idOf(each))),
  );
  const sections: Section[] = [];
  for (const pauseMs of PAUSES_MS) {
    const results = measure({ rounds, pauseMs }, commands);
    const [plain, filtered] = [results.slice(0, contenders.length), results.slice(contenders.length)];
    sections.push({ title: `\`run true\`, ${pauseText(pauseMs)}`, text: comparison(contenders, plain) });
    if (pauseMs === 0)
      sections.push(
        seccompSection(
          contenders.map(({ name }) => name),
          plain,
          filtered,
        ),
      );
  }
  return sections;
}

type Results = readonly (readonly Measurement[])[];

function seccompSection(names: readonly string[], plain: Results, filtered: Results): Section {
  const minMs = (runs: readonly Measurement[] = []): number => Math.min(...runs.map(({ wallNs }) => wallNs)) / 1e6;
  const rows = names.map((name, index) => [
    name,
    (minMs(filtered[index]) - minMs(plain[index])).toFixed(1),
    (medianMs(filtered[index] ?? []) - medianMs(plain[index] ?? [])).toFixed(1),
  ]);
  return {
    title: "What docker's default seccomp profile adds to `run true`, back to back",
    text: markdownTable(["", "min ms", "median ms"], rows),
  };
}
