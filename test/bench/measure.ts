import { runCommand } from "../../src/tools/run-command.ts";

/** What one run took, with everything that it started; as test/probe/measure.c prints it. */
export interface Measurement {
  /** The index of the command. */
  readonly program: number;
  readonly status: number;
  readonly wallNs: number;
  readonly cpuUs: number;
  /** The largest resident set of any process of the run. */
  readonly peakKiB: number;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** How long the machine idles before each run. */
  readonly pauseMs: number;
  /** Containers are left running: what is measured is the command alone. */
  readonly leavesContainers?: boolean;
}

/** Runs commands in turn, round after round; returns each command's measurements. Throws when a run fails. */
export function measure(
  { rounds, pauseMs, leavesContainers = false }: MeasureOptions,
  commands: readonly (readonly string[])[],
): readonly (readonly Measurement[])[] {
  const words = commands.flatMap((argv) => ["--", ...argv]);
  const mode = leavesContainers ? "leave" : "wait";
  const { succeeded, output } = runCommand(["build/probe/measure", `${rounds}`, `${pauseMs}`, mode, ...words]);
  if (!succeeded) throw new Error(`Cannot measure: ${output}`);
  const all = output.trim().split("\n").map(parseLine);
  return commands.map((_, index) => all.filter(({ program }) => program === index));
}

function parseLine(line: string): Measurement {
  // A line of test/probe/measure.c, or what a runtime said on its standard error.
  if (!line.startsWith('{"program":')) throw new Error(`a runtime complained: ${line}`);
  const measurement = JSON.parse(line) as Measurement;
  if (measurement.status !== 0) throw new Error(`a run failed: ${line}`);
  return measurement;
}
