import { Command } from "commander";
import { containersArgument } from "./container-argument.ts";

export function pauseCommand(): Command {
  return new Command("pause").summary("suspend the processes of containers").addArgument(containersArgument());
}
