import { Command } from "commander";
import { containersArgument } from "./container-argument.ts";

export function unpauseCommand(): Command {
  return new Command("unpause")
    .summary("let the processes of paused containers go on")
    .addArgument(containersArgument());
}
