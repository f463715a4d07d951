import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { PROJECT_ROOT } from "./project-root.ts";
import { type CommandResult, runCommand } from "./run-command.ts";

/** A part of the build that is done again only when something that it reads or has made differs. */
export interface BuildStep {
  readonly name: string;
  /** Files and folders, relative to the project's root; a folder stands for every file below it. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** argv arrays, run one after the other in the project's root until one fails. */
  readonly commands: readonly (readonly string[])[];
}

export interface BuildResult extends CommandResult {
  readonly wasFresh: boolean;
}

const STAMPS = join(PROJECT_ROOT, "build/.stamps");

/** Brings a step's outputs up to date. The stamp of the last success is a file below build/. */
export function runBuildStep(step: BuildStep): BuildResult {
  const stamp = join(STAMPS, step.name.replaceAll(" ", "-"));
  // Before they are read: what is edited meanwhile is built the next time.
  const inputs = inputsOf(step);
  if (readIfThere(stamp) === fingerprint(step, inputs)) return { wasFresh: true, succeeded: true, output: "" };
  let output = "";
  for (const argv of step.commands) {
    const result = runCommand(argv);
    output += result.output;
    if (!result.succeeded) return { wasFresh: false, succeeded: false, output };
  }
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, fingerprint(step, inputs));
  return { wasFresh: false, succeeded: true, output };
}

/** A digest of the inputs' content. */
function inputsOf(step: BuildStep): string {
  const hash = createHash("sha256").update(JSON.stringify(step));
  for (const file of step.inputs.flatMap(filesBelow)) {
    hash.update(`\0${file}\0`).update(readFileSync(join(PROJECT_ROOT, file)));
  }
  return hash.digest("hex");
}

/** Outputs, which may be large, count by size and time. */
function fingerprint(step: BuildStep, inputs: string): string {
  const hash = createHash("sha256").update(inputs);
  for (const file of step.outputs) hash.update(`\0${file} ${sizeAndTime(file)}`);
  return hash.digest("hex");
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(join(PROJECT_ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(PROJECT_ROOT, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(PROJECT_ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

function sizeAndTime(file: string): string {
  const stats = statSync(join(PROJECT_ROOT, file), { throwIfNoEntry: false });
  return stats === undefined ? "absent" : `${stats.size} ${stats.mtimeMs}`;
}

function readIfThere(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path, "utf8");
}
