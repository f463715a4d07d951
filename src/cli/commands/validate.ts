import { Command } from "commander";
import { booleanFlag, choiceFlag, textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";

export function validateCommand(): Command {
  return new Command("validate")
    .summary("say what is wrong with a bundle's config")
    .description(
      prose(`Checks config.json by the schema, by the rules of the runtime-spec that no schema can say, and by what this
machine can do. Every finding has its line and column, how to mend it, and a link to the section of the spec. Nothing is
changed, and no privileges are needed.

The exit status is 0 when a container could be made, 1 when there are errors; with --strict also when there are warnings.

Example:

    mydocker-runtime validate --bundle /srv/web
    mydocker-runtime validate --bundle /srv/web --format sarif > findings.sarif`),
    )
    .addOption(textFlag("-b, --bundle <dir>", "the directory of config.json; the current directory when not given"))
    .addOption(
      choiceFlag("-f, --format <format>", "how to print the findings", ["text", "json", "sarif"]).default("text"),
    )
    .addOption(booleanFlag("--strict", "end with status 1 for warnings too"));
}
