import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { markOf, removeClientCgroup } from "../helpers/clients-leftovers.ts";
import { cgroupsNamed } from "../helpers/host-traces.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { startDocker } from "./docker.ts";
import { type Measurement, measure } from "./measure.ts";
import { podmanArgv } from "./podman.ts";
import { median } from "./statistics.ts";
import { markdownTable } from "./table.ts";

/** A program with docker's command line. */
interface Engine {
  readonly name: string;
  readonly argv: readonly string[];
  /** What it needs for every container, behind "run". */
  readonly flags: readonly string[];
  /** The name of the process that stays with a detached container. */
  readonly keeper: string;
}

/**
 * `mydocker` in turn with podman and docker, where they are installed and work: `run --rm --network none` of `true`, and what
 * stays in memory with a detached container; `ps` with many containers, in turn with ls and cat of their records.
 */
export async function engineSections(context: BenchContext): Promise<readonly Section[]> {
  const directory = join(context.directory, "engine");
  runCommand(["mkdir", directory]);
  const mark = `${markOf(process.pid)}bench`;
  const docker = await startDocker(directory, mark);
  const left = typeof docker === "string" ? [docker] : [];
  for (const reason of left) console.log(reason);
  try {
    const engines = [mydocker(directory), ...podman(directory, mark)];
    if (typeof docker !== "string")
      engines.push({ name: "docker", argv: docker.argv, flags: [], keeper: "containerd-shim" });
    loadImages(engines, directory);
    return [runSection(engines, context.rounds, left), memorySection(engines, directory), psSection(engines, context)];
  } finally {
    removeAll(mydocker(directory).argv);
    if (typeof docker !== "string") await docker.stop();
    // podman mounts its storage over itself.
    runCommand(["umount", `${directory}/podman-root/overlay`]);
    rmSync(directory, { recursive: true, force: true });
    for (const root of cgroupsNamed(mark)) await removeClientCgroup(root);
  }
}

function mydocker(directory: string): Engine {
  const argv = [join(PROJECT_ROOT, "dist/mydocker"), "--root", `${directory}/root`, "--run-root", `${directory}/run`];
  return { name: "mydocker", argv, flags: [], keeper: "mydocker-monitor" };
}

function podman(directory: string, cgroupParent: string): readonly Engine[] {
  const argv = podmanArgv(directory);
  return argv === undefined
    ? []
    : [{ name: "podman", argv, flags: ["--cgroup-parent", `/${cgroupParent}`], keeper: "conmon" }];
}

/** The same image for all. */
function loadImages([own, ...others]: readonly Engine[], directory: string): void {
  if (own === undefined) return;
  must([...own.argv, "image", "build-base", "base"]);
  must([...own.argv, "save", "-o", `${directory}/base.tar`, "base"]);
  for (const { argv } of others) must([...argv, "load", "--quiet", "--input", `${directory}/base.tar`]);
}

function runArgv({ argv, flags }: Engine, ...words: readonly string[]): readonly string[] {
  return [...argv, "run", "--network", "none", ...flags, ...words];
}

function runSection(engines: readonly Engine[], rounds: number, left: readonly string[]): Section {
  const commands = engines.map((engine) => runArgv(engine, "--rm", "base", "true"));
  // The second time a plan is kept.
  for (const command of [...commands, ...commands]) must(command);
  const results = measure({ rounds, pauseMs: 0, leavesContainers: true }, commands);
  const names = engines.map(({ name }) => `\`${name}\``);
  const text = [wallTable(names, results), ...left.map((reason) => `${reason}.`)].join("\n\n");
  return { title: "`mydocker run --rm --network none` of `true`", text };
}

/** Wall times, and the first's medians as ratios of each of the others'. */
function wallTable(names: readonly string[], results: readonly (readonly Measurement[])[]): string {
  const times = results.map((runs) => runs.map(({ wallNs }) => wallNs / 1e6));
  const [own = Number.NaN] = times.map(median);
  const rows = times.map((walls, index) => [
    names[index] ?? "",
    Math.min(...walls).toFixed(1),
    median(walls).toFixed(1),
    index === 0 ? "" : (own / median(walls)).toFixed(2),
  ]);
  return markdownTable(["", "min ms", "median ms", "the first as a ratio"], rows);
}

function psSection([own]: readonly Engine[], { rounds, listed, directory }: BenchContext): Section {
  if (own === undefined) throw new Error("mydocker always takes part");
  for (let made = 0; made < listed; made++) must(runArgv(own, "--detach", "base", "sleep", "1000"));
  const [root, run] = [`${directory}/engine/root`, `${directory}/engine/run`];
  const records = `ls -l ${root}/containers; cat ${root}/containers/*/config.json ${run}/containers/*/status`;
  const commands = [`exec ${[...own.argv, "ps"].join(" ")}`, records].map((script) => [
    "sh",
    "-c",
    `{ ${script}; } > ${directory}/said`,
  ]);
  const results = measure({ rounds, pauseMs: 0, leavesContainers: true }, commands);
  const text = wallTable(["`mydocker ps`", "`ls` and `cat` of their records"], results);
  return { title: `\`mydocker ps\` with ${listed} containers`, text };
}

function memorySection(engines: readonly Engine[], directory: string): Section {
  const rows = engines.map((engine) => {
    must(runArgv(engine, "--detach", "--name", "idle", "base", "sleep", "1000"));
    const kib = residentKiB(engine.keeper, directory);
    must([...engine.argv, "rm", "--force", "idle"]);
    return [engine.keeper, String(kib)];
  });
  return {
    title: "What stays with a detached container, KiB (PSS)",
    text: markdownTable(["", "KiB"], rows),
  };
}

/** Of the processes whose names begin so and whose arguments name the directory: their proportional share of memory. */
function residentKiB(name: string, directory: string): number {
  const sizes = readdirSync("/proc")
    .filter((pid) => /^[0-9]+$/.test(pid))
    .flatMap((pid) => {
      const words = textOf(`/proc/${pid}/cmdline`).split("\0");
      const program = words[0]?.slice((words[0]?.lastIndexOf("/") ?? -1) + 1) ?? "";
      if (!program.startsWith(name) || !words.some((word) => word.startsWith(directory))) return [];
      return Number(/^Pss: +([0-9]+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? Number.NaN);
    });
  return median(sizes);
}

/** A process can end meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function removeAll(argv: readonly string[]): void {
  const ids = runCommand([...argv, "ps", "--all", "--quiet"])
    .output.split("\n")
    .filter(Boolean);
  if (ids.length > 0) runCommand([...argv, "rm", "--force", ...ids]);
}

function must(argv: readonly string[]): void {
  const { succeeded, output } = runCommand(argv);
  if (!succeeded) throw new Error(`${argv.join(" ")}: ${output}`);
}
