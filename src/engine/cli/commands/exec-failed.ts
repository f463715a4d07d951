import { Argument, Command } from "commander";

export function execFailedCommand(): Command {
  return new Command("exec-failed")
    .summary("tell why a program could not be run")
    .addArgument(new Argument("[record...]", "what failed"));
}
