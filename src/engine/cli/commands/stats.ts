import { Argument, Command } from "commander";
import { booleanFlag, textFlag } from "../../../cli/option-kinds.ts";

export function statsCommand(): Command {
  return new Command("stats")
    .summary("show what containers use")
    .addArgument(new Argument("[container...]", "containers; all that run when none is named"))
    .addOption(booleanFlag("--no-stream", "once"))
    .addOption(booleanFlag("-a, --all", "also those that do not run"))
    .addOption(booleanFlag("--no-trunc", "ids in full"))
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"));
}
