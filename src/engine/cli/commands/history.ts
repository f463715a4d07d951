import { Command } from "commander";
import { booleanFlag, choiceFlag, textFlag } from "../../../cli/option-kinds.ts";
import { imageArgument } from "./image-argument.ts";

export function historyCommand(): Command {
  return new Command("history")
    .summary("show the steps by which an image was made")
    .addArgument(imageArgument())
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"))
    .addOption(choiceFlag("-H, --human <when>", "false: sizes in bytes and times as dates", ["true", "false"]))
    .addOption(booleanFlag("--no-trunc", "whole ids and commands"))
    .addOption(booleanFlag("-q, --quiet", "only ids"));
}
