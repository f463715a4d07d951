import { Command } from "commander";
import { containerArgument } from "./container-argument.ts";

export function containerEndedCommand(): Command {
  return new Command("container-ended").summary("clear up after a container").addArgument(containerArgument());
}
