import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";

export function networkInspectCommand(): Command {
  return new Command("network inspect")
    .summary("show everything about networks")
    .argument("<network...>", "names or ids")
    .addOption(textFlag("-f, --format <template>", "how each is shown: a Go template, or json"));
}
