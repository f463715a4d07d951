import { Command } from "commander";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function startCommand(): Command {
  return new Command("start")
    .summary("run the program of a created container")
    .description(
      prose(`Lets the program that config.json names run. The container must be "created": one that runs or has ended
cannot be started again.`),
    )
    .addArgument(containerArgument());
}
