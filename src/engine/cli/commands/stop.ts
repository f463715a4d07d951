import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";
import { containersArgument } from "./container-argument.ts";

export function stopCommand(): Command {
  return new Command("stop")
    .summary("end containers")
    .addArgument(containersArgument())
    .addOption(textFlag("-t, --time <seconds>", "how long each has until it is killed; 10 when not given"))
    .addOption(textFlag("--timeout <seconds>", "the same as --time"))
    .addOption(textFlag("-s, --signal <signal>", "what is sent first"));
}
