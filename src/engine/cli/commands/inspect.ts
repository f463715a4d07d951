import { Argument, Command } from "commander";
import { booleanFlag, textFlag } from "../../../cli/option-kinds.ts";

export function inspectCommand(): Command {
  return new Command("inspect")
    .summary("show all that is known of objects")
    .addArgument(new Argument("<object...>", "names or ids"))
    .addOption(textFlag("-f, --format <template>", "a Go template, or json"))
    .addOption(booleanFlag("-s, --size", "with how much containers have written"))
    .addOption(textFlag("--type <type>", "container, image, network or volume"));
}
