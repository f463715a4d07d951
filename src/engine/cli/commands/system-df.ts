import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";

export function systemDfCommand(): Command {
  return new Command("system df")
    .summary("show how much space images, containers and volumes take")
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"));
}
