import { Command } from "commander";
import { containerArgument } from "./container-argument.ts";

export function diffCommand(): Command {
  return new Command("diff").summary("show what a container has changed in its files").addArgument(containerArgument());
}
