import { Command } from "commander";
import { booleanFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function volumeLsCommand(): Command {
  return new Command("volume ls")
    .summary("list volumes")
    .addOption(booleanFlag("-q, --quiet", "names only"))
    .addOption(listFlag("-f, --filter <condition>", "only those that meet a condition, such as status=running"))
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"));
}
