import { Command } from "commander";
import { booleanFlag, choiceFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";

export function listCommand(): Command {
  return new Command("list")
    .summary("list the containers below the state root")
    .description(
      prose(`Lists the containers whose state lies below --root, which must exist where it is given. One whose state cannot be
read is listed too, with the reason.

Example:

    mydocker-runtime list
    mydocker-runtime --root /run/containerd/runc/default list --format json`),
    )
    .addOption(choiceFlag("-f, --format <format>", "how to print the list", ["table", "json"]).default("table"))
    .addOption(booleanFlag("-q, --quiet", "print the ids only"));
}
