import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";

export function infoCommand(): Command {
  return new Command("info")
    .summary("show what this host and this program can do")
    .addOption(textFlag("-f, --format <template>", "a Go template, or json"));
}
