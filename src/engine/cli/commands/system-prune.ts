import { Command } from "commander";
import { booleanFlag, listFlag } from "../../../cli/option-kinds.ts";

export function systemPruneCommand(): Command {
  return new Command("system prune")
    .summary("remove stopped containers, unused networks and images without a name")
    .addOption(booleanFlag("-a, --all", "also images with a name that no container has"))
    .addOption(booleanFlag("-f, --force", "do not ask"))
    .addOption(booleanFlag("--volumes", "also anonymous volumes that no container has"))
    .addOption(listFlag("--filter <condition>", "until=TIME (not with --volumes), label=KEY or label!=KEY"));
}
