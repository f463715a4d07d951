import { Command } from "commander";
import { booleanFlag, listFlag } from "../../../cli/option-kinds.ts";

export function volumePruneCommand(): Command {
  return new Command("volume prune")
    .summary("remove the anonymous volumes that no container has")
    .addOption(booleanFlag("-a, --all", "also those with a name"))
    .addOption(booleanFlag("-f, --force", "do not ask"))
    .addOption(listFlag("--filter <condition>", "label=KEY or label!=KEY"));
}
