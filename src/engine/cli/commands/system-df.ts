import { Command } from "commander";
import { booleanFlag, textFlag } from "../../../cli/option-kinds.ts";

export function systemDfCommand(): Command {
  return new Command("system df")
    .summary("show how much space images, containers and volumes take")
    .addOption(booleanFlag("-v, --verbose", "tell of each image, container and volume"))
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"));
}
