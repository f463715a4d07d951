import { Command } from "commander";
import { booleanFlag, listFlag } from "../../../cli/option-kinds.ts";

export function containerPruneCommand(): Command {
  return new Command("container prune")
    .summary("remove all containers that do not run")
    .addOption(booleanFlag("-f, --force", "do not ask"))
    .addOption(listFlag("--filter <condition>", "until=TIME or label=KEY"));
}
