import { Command } from "commander";
import { listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function eventsCommand(): Command {
  return new Command("events")
    .summary("show what happens, as it happens")
    .addOption(textFlag("--since <time>", "from a time on"))
    .addOption(textFlag("--until <time>", "up to a time; then the command ends"))
    .addOption(listFlag("-f, --filter <condition>", "only those that meet a condition, such as status=running"))
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"));
}
