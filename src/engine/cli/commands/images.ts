import { Argument, Command } from "commander";
import { booleanFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function imagesCommand(): Command {
  return new Command("images")
    .summary("list images")
    .addArgument(
      new Argument("[name]", "only those of this repository, or of this name; * and ? stand for any characters"),
    )
    .addOption(booleanFlag("-a, --all", "all of them; images have no hidden ones here"))
    .addOption(booleanFlag("--digests", "with the digests of their manifests"))
    .addOption(
      listFlag(
        "-f, --filter <condition>",
        "dangling=true, label=KEY[=VALUE], reference=PATTERN, before=IMAGE, since=IMAGE, until=TIME",
      ),
    )
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"))
    .addOption(booleanFlag("--no-trunc", "whole ids"))
    .addOption(booleanFlag("-q, --quiet", "only ids"));
}
