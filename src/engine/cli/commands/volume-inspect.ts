import { Argument, Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";

export function volumeInspectCommand(): Command {
  return new Command("volume inspect")
    .summary("show all that is known of volumes")
    .addArgument(new Argument("<volume...>", "names"))
    .addOption(textFlag("-f, --format <template>", "a Go template, or json"));
}
