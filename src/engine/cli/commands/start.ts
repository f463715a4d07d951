import { Command } from "commander";
import { booleanFlag, choiceFlag, textFlag } from "../../../cli/option-kinds.ts";
import { containersArgument } from "./container-argument.ts";
import { startOptions } from "./container-options.ts";

export function startCommand(): Command {
  const command = new Command("start")
    .summary("start containers that exist")
    .addArgument(containersArgument())
    .addOption(booleanFlag("-a, --attach", "show the output, and end with the exit status of the container"))
    .addOption(booleanFlag("-i, --interactive", "pass on the standard input; implies --attach"))
    .addOption(textFlag("--detach-keys <keys>", "the keys that end an attachment; ctrl-p,ctrl-q when not given"))
    .addOption(choiceFlag("--sig-proxy <when>", "whether signals are passed on to the container", ["true", "false"]))
    .addOption(booleanFlag("--time", "print how long each phase took"));
  for (const option of startOptions()) command.addOption(option);
  return command;
}
