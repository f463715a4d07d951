import { Argument, Command } from "commander";
import { choiceFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function volumeCreateCommand(): Command {
  return new Command("volume create")
    .summary("make a volume")
    .addArgument(new Argument("[name]", "its name; one is made up where none is given"))
    .addOption(choiceFlag("-d, --driver <driver>", "local is all there is", ["local"]))
    .addOption(textFlag("--name <name>", "the same as the argument"))
    .addOption(listFlag("-l, --label <key=value>", "set a label"))
    .addOption(listFlag("-o, --opt <key=value>", "what to mount there: type=, device= and o=, as mount(8) has them"));
}
