import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";

export function networkExplainCommand(): Command {
  return new Command("network explain")
    .summary("show what a container's packets go through: devices, addresses, routes, rules")
    .argument("<container>", "the container's name or id")
    .addOption(textFlag("--format <format>", "json for all of it as data"));
}
