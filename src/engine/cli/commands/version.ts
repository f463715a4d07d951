import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";

export function versionCommand(): Command {
  return new Command("version")
    .summary("show the versions of the program, its engine and its runtime")
    .addOption(textFlag("-f, --format <template>", "a Go template, or json"));
}
