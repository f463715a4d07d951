import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { type Measurement, measure } from "./measure.ts";
import { markdownTable } from "./table.ts";

/** A large file takes half a minute each time. */
const MAX_ROUNDS = { small: 10, large: 3 } as const;

type Kind = keyof typeof MAX_ROUNDS;

/**
 * commit, import and load of 10,000 small files and of one large file, in turn with tar piped to or from the same compressor,
 * which waits for nothing to reach the disk, and with the same and a sync, which `mydocker` always makes. Nothing is removed
 * within the time. All of it is on a filesystem of its own: how long files take that are made where others were removed a
 * moment before is another matter.
 */
export function imagesSection({ directory, rounds, megabytes }: BenchContext): Section {
  const place = join(directory, "images");
  mkdirSync(place);
  const release = mountExt4(directory, place);
  const ours = (root: string): string =>
    `${join(PROJECT_ROOT, "dist/mydocker")} --root ${root} --run-root ${place}/run`;
  const main = ours(`${place}/root`);
  try {
    const rows = [
      ...kindRows("small", "10,000 small files", makeSmallFiles),
      ...kindRows("large", `one file of ${megabytes} MiB, half of it random`, makeLargeFile),
    ];
    const titles = ["", "tar min s", "tar, sync min s", "`mydocker` min s", "ratio to tar", "ratio to tar, sync"];
    return { title: "Images, against tar and gzip", text: markdownTable(titles, rows) };
  } finally {
    release();
    rmSync(place, { recursive: true, force: true });
  }

  function kindRows(kind: Kind, what: string, make: (tree: string) => void): readonly (readonly string[])[] {
    const tree = join(place, kind);
    mkdirSync(tree);
    make(tree);
    must(`tar -c -C ${tree} . | gzip > ${tree}.tar.gz`);
    must(`${main} image build-base base`);
    must(`${main} run --name ${kind} --network none -v ${tree}:/src:ro base cp -r /src /data`);
    must(`${main} import ${tree}.tar.gz saved:${kind} && ${main} save -o ${tree}.saved saved:${kind}`);
    const rows = Object.entries(contests(kind, tree)).map(([name, scripts]) => {
      must("sync");
      const measured = measure(
        { rounds: Math.min(rounds, MAX_ROUNDS[kind]), pauseMs: 0 },
        scripts.map((script) => ["sh", "-c", `{ ${script}; } > ${place}/said`]),
      );
      must(`rm -rf ${place}/new.* && ${main} image prune -f`);
      return row(`${name} of ${what}`, measured);
    });
    must(`${main} rm ${kind} && ${main} image prune -af && rm -r ${tree} ${tree}.tar.gz ${tree}.saved`);
    return rows;
  }

  /** tar, tar with a sync, and the command. */
  function contests(kind: Kind, tree: string): Readonly<Record<string, readonly string[]>> {
    const pack = `new=$(mktemp ${place}/new.XXXXXX); tar -c -C ${tree} . | gzip > $new`;
    const unpack = `new=$(mktemp -d ${place}/new.XXXXXX); gzip -dc ${tree}.tar.gz | tar -x -C $new`;
    const against = (mark: string, own: string): readonly string[] => [mark, `${mark} && sync -f $new`, own];
    const fresh = ours(`$(mktemp -d ${place}/new.XXXXXX)`);
    return {
      "`commit`": against(pack, `${main} commit ${kind}`),
      "`import` of a directory": against(pack, `${main} import ${tree}`),
      "`import` of an archive": against(unpack, `${fresh} import ${tree}.tar.gz`),
      "`load`": against(unpack, `${fresh} load -i ${tree}.saved`),
    };
  }

  /** Half of it can be compressed. */
  function makeLargeFile(tree: string): void {
    const half = `${megabytes / 2}M`;
    must(`head -c ${half} /dev/urandom > ${tree}/f; head -c ${half} /dev/zero >> ${tree}/f`);
  }
}

/** Of the shortest run of each. */
function row(name: string, measured: readonly (readonly Measurement[])[]): readonly string[] {
  const minima = measured.map((runs) => Math.min(...runs.map(({ wallNs }) => wallNs / 1e9)));
  const own = minima.at(-1) ?? Number.NaN;
  const ratios = minima.slice(0, -1).map((mark) => (own / mark).toFixed(2));
  return [name, ...minima.map((seconds) => seconds.toFixed(2)), ...ratios];
}

/** An ext4 with the usual features in a file; without loop devices the directory stays as it is. Gives what takes it back. */
function mountExt4(directory: string, place: string): () => void {
  const file = join(directory, "ext4");
  const make = `truncate -s 24G ${file} && mkfs.ext4 -q ${file} && mount -o loop ${file} ${place}`;
  if (!runCommand(["sh", "-c", make]).succeeded) return () => {};
  return () => {
    must(`umount ${place} && rm ${file}`);
  };
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
