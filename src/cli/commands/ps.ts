import { Argument, Command } from "commander";
import { choiceFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function psCommand(): Command {
  return new Command("ps")
    .summary("show the processes of a container")
    .description(
      prose(`Shows what the host's ps says of the container's processes, or their process ids as JSON. The ids are those
of the host.

Example:

    mydocker-runtime ps web1
    mydocker-runtime ps web1 -o pid,rss,args
    mydocker-runtime ps --format json web1`),
    )
    .addArgument(containerArgument())
    .addArgument(
      new Argument(
        "[ps-args...]",
        "what ps is called with, -ef when not given: a column PID, and before it only columns of one word",
      ),
    )
    .addOption(choiceFlag("-f, --format <format>", "how to print them", ["table", "json"]).default("table"))
    .passThroughOptions();
}
