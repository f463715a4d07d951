import { Command } from "commander";
import { booleanFlag, listFlag } from "../../../cli/option-kinds.ts";

export function systemPruneCommand(): Command {
  return new Command("system prune")
    .summary("remove the containers that do not run, and with --volumes the volumes that nothing uses")
    .addOption(booleanFlag("-f, --force", "do not ask: accepted, as nothing is asked"))
    .addOption(booleanFlag("--volumes", "also anonymous volumes"))
    .addOption(listFlag("--filter <condition>", "until=TIME or label=KEY"));
}
