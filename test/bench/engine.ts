/**
 * `sh src/tools/bun.sh test/bench/engine.ts [ROUNDS] [CONTAINERS]`, as root: `run --rm --network none` of `true`, in turn with
 * podman where it is installed; `ps` with many containers, in turn with ls and cat of their records; and what each process
 * keeps resident that stays with an idle, detached container.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAll } from "../../src/tools/build-all.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { markOf, removeClientCgroup } from "../helpers/clients-leftovers.ts";
import { cgroupsNamed } from "../helpers/host-traces.ts";
import { type Measurement, measure } from "./measure.ts";
import { podmanArgv } from "./podman.ts";

const rounds = Number(process.argv[2] ?? 20);
const count = Number(process.argv[3] ?? 200);
const CGROUP_PARENT = `${markOf(process.pid)}bench`;
const RUN = ["run", "--network", "none"];

if (!buildAll() || !runCommand(["make", "--silent", "-C", "test/probe"]).succeeded) process.exit(1);
const directory = mkdtempSync(join(tmpdir(), "mydocker-bench-engine-"));
const ours = [join(PROJECT_ROOT, "dist/mydocker"), "--root", `${directory}/root`, "--run-root", `${directory}/run`];
try {
  must([...ours, "image", "build-base", "base"]);
  const podman = loadedPodman();
  compareRuns(podman);
  compareLists();
  tellMemory("mydocker-monitor", `${directory}/run`);
  if (podman !== undefined) {
    must([
      ...podman,
      ...RUN,
      "--detach",
      "--cgroup-parent",
      `/${CGROUP_PARENT}`,
      "--name",
      "idle",
      "base",
      "sleep",
      "1000",
    ]);
    tellMemory("conmon", directory);
    must([...podman, "rm", "--force", "--time", "0", "idle"]);
  }
} finally {
  runCommand([
    ...ours,
    "rm",
    "--force",
    ...output([...ours, "ps", "--all", "--quiet"])
      .split("\n")
      .filter(Boolean),
  ]);
  // podman mounts its storage over itself.
  runCommand(["umount", `${directory}/podman-root/overlay`]);
  rmSync(directory, { recursive: true, force: true });
  for (const root of cgroupsNamed(CGROUP_PARENT)) await removeClientCgroup(root);
}

function loadedPodman(): readonly string[] | undefined {
  const podman = podmanArgv(directory);
  if (podman === undefined) return undefined;
  must([...ours, "save", "-o", `${directory}/base.tar`, "base"]);
  must([...podman, "load", "--quiet", "--input", `${directory}/base.tar`]);
  return podman;
}

function compareRuns(podman: readonly string[] | undefined): void {
  const own = [...ours, ...RUN, "--rm", "base", "true"];
  // The second time its plan is kept.
  for (let time = 0; time < 2; time += 1) must(own);
  const other = podman && [...podman, ...RUN, "--rm", "--cgroup-parent", `/${CGROUP_PARENT}`, "base", "true"];
  compare("run --rm of true", own, other);
}

function compareLists(): void {
  for (let made = 0; made < count; made += 1) must([...ours, ...RUN, "--detach", "base", "sleep", "1000"]);
  const containers = `${directory}/root/containers`;
  const script = `ls -l ${containers}; cat ${containers}/*/config.json ${directory}/run/containers/*/status`;
  compare(`ps with ${count} containers`, [...ours, "ps"], ["sh", "-c", `{ ${script}; } > ${directory}/said`]);
}

function compare(name: string, own: readonly string[], other: readonly string[] | undefined): void {
  const [owns = [], others = []] = measure({ rounds, pauseMs: 0, leavesContainers: true }, [
    ["sh", "-c", `exec "$@" > ${directory}/said`, "sh", ...own],
    ...(other === undefined ? [] : [other]),
  ]);
  const [mine, its] = [median(owns), median(others)];
  const comparison = others.length === 0 ? "" : `, the other ${its.toFixed(1)} ms, ratio ${(mine / its).toFixed(2)}`;
  console.log(`${name}: ${mine.toFixed(1)} ms${comparison}`);
}

function median(measurements: readonly Measurement[]): number {
  const sorted = measurements.map(({ wallNs }) => wallNs / 1e6).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Of the processes with this name whose arguments name the directory: the median of what is theirs alone, and their share. */
function tellMemory(name: string, place: string): void {
  const sizes = readdirSync("/proc")
    .filter((pid) => /^[0-9]+$/.test(pid))
    .flatMap((pid) => {
      const words = textOf(`/proc/${pid}/cmdline`).split("\0");
      if (!words[0]?.endsWith(name) || !words.some((word) => word.startsWith(place))) return [];
      return Number(/^Pss: +([0-9]+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
    })
    .sort((a, b) => a - b);
  console.log(`${name}: ${sizes[Math.floor(sizes.length / 2)]} KiB (PSS) for a container`);
}

/** A process can end meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function output(argv: readonly string[]): string {
  return runCommand(argv).output;
}

function must(argv: readonly string[]): void {
  const { succeeded, output: said } = runCommand(argv);
  if (!succeeded) throw new Error(`${argv.join(" ")}: ${said}`);
}
