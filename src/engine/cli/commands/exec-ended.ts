import { Argument, Command } from "commander";

export function execEndedCommand(): Command {
  return new Command("exec-ended")
    .summary("clear up after a program on a terminal in a container")
    .addArgument(new Argument("<session>", "its id"));
}
