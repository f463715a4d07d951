import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { processStat } from "../../src/sys/procfs.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { makeBundle } from "./bench-bundle.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { argvOf, type Contender, idOf } from "./contenders.ts";
import { markdownTable } from "./table.ts";

const KIB = 1024;
const TRIES = 5;
const LIMITS_KIB = [128, 160, 192, 224, 256, 320, 384, 512, 1024, 2048, 3072, 4096, 8192, 16384];
const SETTLE_MS = 500;
const POLL_MS = 10;

/** What stays in memory while a container runs, and how little memory a container can be given. */
export async function memorySection({ directory, contenders }: BenchContext): Promise<Section> {
  const bundle = makeBundle(directory, "resident", { args: ["sleep", "1000"] });
  const bundles = LIMITS_KIB.map((limit) =>
    makeBundle(directory, `limit-${limit}`, { args: ["true"], memoryLimitBytes: limit * KIB }),
  );
  const rows: string[][] = [];
  for (const each of contenders) {
    const smallest = LIMITS_KIB[bundles.findIndex((limited) => alwaysRuns(each, limited))];
    rows.push([each.name, String(await residentKiB(each, bundle)), smallest === undefined ? "-" : String(smallest)]);
  }
  const titles = ["", "resident in a foreground `run`, KiB (PSS)", "smallest memory limit for `true`, KiB"];
  return { title: "Memory", text: markdownTable(titles, rows) };
}

/** The proportional set size of the process that the caller waits for. */
async function residentKiB(each: Contender, bundle: string): Promise<number> {
  const [file = "", ...args] = argvOf(each, "run", "--bundle", bundle, idOf(each));
  const child = spawn(file, args, { stdio: "ignore" });
  try {
    await delay(SETTLE_MS);
    const rollup = readFileSync(`/proc/${child.pid}/smaps_rollup`, "utf8");
    return Number(/^Pss: +(\d+) kB/m.exec(rollup)?.[1]);
  } finally {
    runCommand(argvOf(each, "kill", idOf(each), "KILL"));
    await endOf(child.pid ?? 0);
  }
}

/** The engine does not always tell of a child's end after other commands were waited for. */
async function endOf(pid: number): Promise<void> {
  for (let state = processStat(pid)?.state; state !== undefined && state !== "Z"; state = processStat(pid)?.state) {
    await delay(POLL_MS);
  }
}

function alwaysRuns(each: Contender, bundle: string): boolean {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (!runCommand(argvOf(each, "run", "--bundle", bundle, idOf(each))).succeeded) {
      runCommand(argvOf(each, "delete", "--force", idOf(each)));
      return false;
    }
  }
  return true;
}
