import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { type Measurement, measure } from "./measure.ts";
import { median } from "./statistics.ts";
import { markdownTable } from "./table.ts";

/** A large file takes half a minute each time. */
const MAX_ROUNDS = { small: 10, large: 3 } as const;

type Kind = keyof typeof MAX_ROUNDS;

/**
 * commit, import and load of 10,000 small files and of one large file, in turn with tar piped to or from the same compressor.
 * Nothing is removed within the time but what is extracted anew, on both sides.
 */
export function imagesSection({ directory, rounds, megabytes }: BenchContext): Section {
  const place = join(directory, "images");
  mkdirSync(place);
  const ours = `${join(PROJECT_ROOT, "dist/mydocker")} --root ${place}/root --run-root ${place}/run`;
  try {
    const rows = [
      ...kindRows("small", "10,000 small files", makeSmallFiles),
      ...kindRows("large", `one file of ${megabytes} MiB, half of it random`, makeLargeFile),
    ];
    return {
      title: "Images, against tar and gzip",
      text: markdownTable(["", "tar min s", "`mydocker` min s", "ratio of minima", "ratio of medians"], rows),
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }

  function kindRows(kind: Kind, what: string, make: (tree: string) => void): readonly (readonly string[])[] {
    const tree = join(place, kind);
    mkdirSync(tree);
    make(tree);
    must(`tar -c -C ${tree} . | gzip > ${tree}.tar.gz`);
    must(`${ours} image build-base base`);
    must(`${ours} run --name ${kind} --network none -v ${tree}:/src:ro base cp -r /src /data`);
    must(`${ours} import ${tree}.tar.gz saved:${kind} && ${ours} save -o ${tree}.saved saved:${kind}`);
    const rows = Object.entries(contests(kind, tree)).map(([name, [mark, own]]) => {
      const [marks = [], owns = []] = measure(
        { rounds: Math.min(rounds, MAX_ROUNDS[kind]), pauseMs: 0 },
        [mark, own].map((script) => ["sh", "-c", `{ ${script}; } > ${place}/said`]),
      );
      // A layer that an image of the last round keeps would not be extracted by the next.
      must(`${ours} image prune -f`);
      return row(`${name} of ${what}`, marks, owns);
    });
    must(`${ours} rm ${kind} && ${ours} image prune -af && rm -r ${tree} ${tree}.tar.gz ${tree}.saved ${place}/out`);
    return rows;
  }

  /** What each command is measured against, and the command. */
  function contests(kind: Kind, tree: string): Readonly<Record<string, readonly [string, string]>> {
    const out = `${place}/out`;
    const pack = `rm -rf ${out}; tar -c -C ${tree} . | gzip > ${out}`;
    const unpack = `rm -rf ${out}; mkdir ${out}; gzip -dc ${tree}.tar.gz | tar -x -C ${out}`;
    return {
      "`commit`": [pack, `${ours} commit ${kind}`],
      "`import` of a directory": [pack, `${ours} import ${tree}`],
      "`import` of an archive": [unpack, `${ours} import ${tree}.tar.gz`],
      "`load`": [unpack, `${ours} rmi saved:${kind} && ${ours} load -i ${tree}.saved`],
    };
  }

  /** Half of it can be compressed. */
  function makeLargeFile(tree: string): void {
    const half = `${megabytes / 2}M`;
    must(`head -c ${half} /dev/urandom > ${tree}/f; head -c ${half} /dev/zero >> ${tree}/f`);
  }
}

function row(name: string, marks: readonly Measurement[], owns: readonly Measurement[]): readonly string[] {
  const seconds = (runs: readonly Measurement[]): readonly number[] => runs.map(({ wallNs }) => wallNs / 1e9);
  const [mark, own] = [seconds(marks), seconds(owns)];
  const [markMin, ownMin] = [Math.min(...mark), Math.min(...own)];
  const ratios = [ownMin / markMin, median(own) / median(mark)].map((ratio) => ratio.toFixed(2));
  return [name, markMin.toFixed(2), ownMin.toFixed(2), ...ratios];
}

function makeSmallFiles(tree: string): void {
  for (let group = 0; group < 100; group++) {
    mkdirSync(join(tree, `d${group}`));
    for (let file = 0; file < 100; file++) {
      writeFileSync(join(tree, `d${group}/f${file}`), `line ${group} ${file}\n`.repeat(20 + ((group * file) % 180)));
    }
  }
}

function must(script: string): void {
  const { succeeded, output } = runCommand(["sh", "-c", script]);
  if (!succeeded) throw new Error(`${script}: ${output}`);
}
