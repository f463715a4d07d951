import { Command } from "commander";
import { booleanFlag, listFlag } from "../../../cli/option-kinds.ts";

export function networkPruneCommand(): Command {
  return new Command("network prune")
    .summary("remove the networks that no running container is on")
    .addOption(booleanFlag("-f, --force", "do not ask"))
    .addOption(listFlag("--filter <condition>", "only those that meet a condition: label=, label!=, until="));
}
