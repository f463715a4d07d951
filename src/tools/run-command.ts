import { spawnSync } from "node:child_process";
import { PROJECT_ROOT } from "./project-root.ts";

export interface CommandResult {
  readonly succeeded: boolean;
  /** Both streams, standard output first. */
  readonly output: string;
}

const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Runs a program in the project's root to its end. A program that cannot be started is a failure with the reason. */
export function runCommand(argv: readonly string[]): CommandResult {
  const [file = "", ...args] = argv;
  const result = spawnSync(file, args, {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
    maxBuffer: OUTPUT_LIMIT_BYTES,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.error !== undefined) return { succeeded: false, output: `${file}: ${result.error.message}` };
  return { succeeded: result.status === 0, output: `${result.stdout}${result.stderr}` };
}
