import { runCommand } from "../run-command.ts";

/** Runs a program in the project's root to its end and gives what it printed. Throws Error where it fails. */
export function mustRun(argv: readonly string[]): string {
  const { succeeded, output } = runCommand(argv);
  if (!succeeded) throw new Error(`${argv.join(" ")}: ${output}`);
  return output;
}
