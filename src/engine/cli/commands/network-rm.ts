import { Command } from "commander";
import { booleanFlag } from "../../../cli/option-kinds.ts";

export function networkRmCommand(): Command {
  return new Command("network rm")
    .summary("remove networks")
    .argument("<network...>", "names or ids")
    .addOption(booleanFlag("-f, --force", "no failure where there is none of the name"));
}
