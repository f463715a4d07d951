import { Command } from "commander";
import { booleanFlag, choiceFlag, textFlag } from "../../../cli/option-kinds.ts";
import { containerArgument } from "./container-argument.ts";

export function attachCommand(): Command {
  return new Command("attach")
    .summary("connect to the streams of a running container")
    .addArgument(containerArgument())
    .addOption(booleanFlag("--no-stdin", "do not pass on the standard input"))
    .addOption(textFlag("--detach-keys <keys>", "the keys that end an attachment; ctrl-p,ctrl-q when not given"))
    .addOption(choiceFlag("--sig-proxy <when>", "whether signals are passed on to the container", ["true", "false"]));
}
