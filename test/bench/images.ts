/**
 * `sh src/tools/bun.sh test/bench/images.ts [ROUNDS] [MEGABYTES] [PART]`: import, load and commit of 10,000 small files and of
 * one large file, in turn with tar piped to the same compressor; only those with PART in their names. Wall and CPU time, and
 * the ratio of the smallest walls. Nothing is removed within the time but what is extracted anew, on both sides.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAll } from "../../src/tools/build-all.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { type Measurement, measure } from "./measure.ts";

const rounds = Number(process.argv[2] ?? 5);
const megabytes = Number(process.argv[3] ?? 1024);
const wanted = process.argv[4] ?? "";

if (!buildAll() || !runCommand(["make", "--silent", "-C", "test/probe"]).succeeded) process.exit(1);
const directory = mkdtempSync(join(tmpdir(), "mydocker-bench-images-"));
const ours = `${join(PROJECT_ROOT, "dist/mydocker")} --root ${directory}/root --run-root ${directory}/run`;
try {
  must(`${ours} image build-base base`);
  compareAll("small", makeSmallFiles);
  compareAll("large", makeLargeFile);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function compareAll(kind: string, make: (tree: string) => void): void {
  const tree = `${directory}/${kind}`;
  const out = `${directory}/out`;
  const pack = `rm -rf ${out}; tar -c -C ${tree} . | gzip > ${out}`;
  const unpack = `rm -rf ${out}; mkdir ${out}; gzip -dc ${tree}.tar.gz | tar -x -C ${out}`;
  const all = {
    commit: [pack, `${ours} commit ${kind}`],
    "import of a directory": [pack, `${ours} import ${tree}`],
    "import of an archive": [unpack, `${ours} import ${tree}.tar.gz`],
    load: [unpack, `${ours} rmi saved:${kind} && ${ours} load -i ${tree}.saved`],
  } as const;
  const chosen = Object.entries(all).filter(([name]) => `${kind}: ${name}`.includes(wanted));
  if (chosen.length === 0) return;
  prepare(kind, make);
  must(`${ours} run --name ${kind} --network none -v ${tree}:/src:ro base cp -r /src /data`);
  must(`${ours} import ${tree}.tar.gz saved:${kind} && ${ours} save -o ${tree}.saved saved:${kind}`);
  for (const [name, [mark, own]] of chosen) {
    compare(`${kind}: ${name}`, mark, own);
    // A layer that an image of the last round keeps would not be extracted by the next.
    must(`${ours} image prune -f`);
  }
  must(`${ours} rm ${kind} && ${ours} image prune -af`);
}

function compare(name: string, mark: string, own: string): void {
  const shells = [mark, own].map((script) => ["sh", "-c", `{ ${script}; } > ${directory}/said`]);
  const [marks = [], owns = []] = measure({ rounds, pauseMs: 0 }, shells);
  const ratio = fastest(owns) / fastest(marks);
  console.log(`${name.padEnd(32)} tar ${shown(marks)}   mydocker ${shown(owns)}   ratio ${ratio.toFixed(2)}`);
}

function fastest(measurements: readonly Measurement[]): number {
  return Math.min(...measurements.map(({ wallNs }) => wallNs));
}

function shown(measurements: readonly Measurement[]): string {
  const cpu = Math.min(...measurements.map(({ cpuUs }) => cpuUs));
  return `${(fastest(measurements) / 1e9).toFixed(2)} s (CPU ${(cpu / 1e6).toFixed(2)} s)`;
}

function prepare(kind: string, make: (tree: string) => void): void {
  const tree = join(directory, kind);
  mkdirSync(tree);
  make(tree);
  must(`tar -c -C ${tree} . | gzip > ${tree}.tar.gz`);
}

function makeSmallFiles(tree: string): void {
  for (let group = 0; group < 100; group++) {
    mkdirSync(join(tree, `d${group}`));
    for (let file = 0; file < 100; file++) {
      writeFileSync(join(tree, `d${group}/f${file}`), `line ${group} ${file}\n`.repeat(20 + ((group * file) % 180)));
    }
  }
}

/** Half of it can be compressed. */
function makeLargeFile(tree: string): void {
  must(`head -c ${megabytes / 2}M /dev/urandom > ${tree}/f; head -c ${megabytes / 2}M /dev/zero >> ${tree}/f`);
}

function must(script: string): void {
  const { succeeded, output } = runCommand(["sh", "-c", script]);
  if (!succeeded) throw new Error(`${script}: ${output}`);
}
