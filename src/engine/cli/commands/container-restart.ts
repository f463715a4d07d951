import { Command } from "commander";
import { containerArgument } from "./container-argument.ts";

export function containerRestartCommand(): Command {
  return new Command("container-restart").summary("start a container again").addArgument(containerArgument());
}
