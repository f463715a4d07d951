import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";
import { containersArgument } from "./container-argument.ts";

export function waitCommand(): Command {
  return new Command("wait")
    .summary("wait until containers end, and show their exit statuses")
    .addArgument(containersArgument())
    .addOption(textFlag("--condition <condition>", "not-running, next-exit or removed"));
}
