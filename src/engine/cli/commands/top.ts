import { Argument, Command } from "commander";
import { containerArgument } from "./container-argument.ts";

export function topCommand(): Command {
  return new Command("top")
    .summary("show the processes of a container")
    .addArgument(containerArgument())
    .addArgument(new Argument("[ps-argument...]", "what ps is called with; -ef when not given"))
    .passThroughOptions();
}
