import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";
import { containersArgument } from "./container-argument.ts";

export function restartCommand(): Command {
  return new Command("restart")
    .summary("end containers and start them again")
    .addArgument(containersArgument())
    .addOption(textFlag("-t, --time <seconds>", "how long each has until it is killed"))
    .addOption(textFlag("--timeout <seconds>", "the same as --time"))
    .addOption(textFlag("-s, --signal <signal>", "what is sent first"));
}
