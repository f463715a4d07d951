import { Argument, Command } from "commander";
import { booleanFlag } from "../../../cli/option-kinds.ts";

export function volumeRmCommand(): Command {
  return new Command("volume rm")
    .summary("remove volumes")
    .addArgument(new Argument("<volume...>", "names"))
    .addOption(booleanFlag("-f, --force", "succeed where there is none"));
}
