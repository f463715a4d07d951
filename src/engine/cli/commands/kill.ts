import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";
import { containersArgument } from "./container-argument.ts";

export function killCommand(): Command {
  return new Command("kill")
    .summary("send a signal to containers")
    .addArgument(containersArgument())
    .addOption(textFlag("-s, --signal <signal>", "the signal; KILL when not given"));
}
