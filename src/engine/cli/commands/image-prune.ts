import { Command } from "commander";
import { booleanFlag, listFlag } from "../../../cli/option-kinds.ts";

export function imagePruneCommand(): Command {
  return new Command("image prune")
    .summary("remove images without a name that no container has")
    .addOption(booleanFlag("-a, --all", "also images with a name that no container has"))
    .addOption(listFlag("--filter <condition>", "until=TIME or label=KEY[=VALUE]"))
    .addOption(booleanFlag("-f, --force", "do not ask"));
}
