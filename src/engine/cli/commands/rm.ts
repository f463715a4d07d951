import { Command } from "commander";
import { booleanFlag } from "../../../cli/option-kinds.ts";
import { containersArgument } from "./container-argument.ts";

export function rmCommand(): Command {
  return new Command("rm")
    .summary("remove containers")
    .addArgument(containersArgument())
    .addOption(booleanFlag("-f, --force", "kill those that run"))
    .addOption(booleanFlag("-v, --volumes", "their anonymous volumes as well"))
    .addOption(booleanFlag("-l, --link", "not supported: there are no links"));
}
