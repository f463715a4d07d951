import { Command } from "commander";
import { booleanFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function networkLsCommand(): Command {
  return new Command("network ls")
    .summary("list networks")
    .addOption(booleanFlag("-q, --quiet", "ids only"))
    .addOption(booleanFlag("--no-trunc", "ids in full"))
    .addOption(
      listFlag("-f, --filter <condition>", "only those that meet a condition: name=, id=, driver=, label=, type="),
    )
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"));
}
