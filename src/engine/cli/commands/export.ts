import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";
import { containerArgument } from "./container-argument.ts";

export function exportCommand(): Command {
  return new Command("export")
    .summary("write a container's files as a tar archive")
    .addArgument(containerArgument())
    .addOption(textFlag("-o, --output <file>", "the archive; the standard output without it"));
}
