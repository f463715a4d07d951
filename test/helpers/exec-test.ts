import assert from "node:assert/strict";
import { type ProbeCommand, probeArgs, type ReportsOf } from "./probe.ts";
import type { ProgramOptions, ProgramResult, RunningProgram } from "./run-program.ts";
import { Terminal } from "./terminal.ts";
import { assertSuccess, type TestBox } from "./test-box.ts";

/** A container that runs until it is killed. */
export async function runningContainer(box: TestBox): Promise<void> {
  const output = await box.started(["print", "up\n"], ["sleep", "60000"]);
  await output.waitForOutput(/up/);
}

export function launchExec(
  box: TestBox,
  flags: readonly string[],
  commands: readonly (readonly string[])[],
  options?: ProgramOptions,
): RunningProgram {
  return box.launch(["exec", ...flags, box.id, "/probe", ...probeArgs(...commands)], options);
}

export function execIn(...words: Parameters<typeof launchExec>): Promise<ProgramResult> {
  return launchExec(...words).ended;
}

/** Runs the probe's commands by `exec`, and returns what they report. */
export async function lookByExec<const Commands extends readonly ProbeCommand[]>(
  box: TestBox,
  flags: readonly string[],
  ...commands: Commands
): Promise<ReportsOf<Commands>> {
  const result = await execIn(box, flags, commands);
  assertSuccess(result);
  return box.reports(result.stdout, ...commands);
}

/** `exec` fails before anything runs, with 255 and a reason. */
export async function refusesExec(
  box: TestBox,
  flags: readonly string[],
  command: readonly string[],
  reason: RegExp,
): Promise<void> {
  const result = await execIn(box, flags, [command]);
  assert.equal(result.status, 255, JSON.stringify(result));
  assert.match(result.stderr, reason);
  assert.equal(result.stdout, "");
}

/** Runs the probe's commands by `exec` on a terminal of 33 rows and 101 columns. */
export async function onTerminal(
  box: TestBox,
  commands: readonly (readonly string[])[],
  check: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const terminal = Terminal.run(33, 101, box.argv(["exec", "--tty", box.id, "/probe", ...probeArgs(...commands)]));
  try {
    await check(terminal);
  } finally {
    terminal.close();
  }
}
