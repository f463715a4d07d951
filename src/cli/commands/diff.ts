import { Argument, Command } from "commander";
import { prose } from "../prose.ts";

export function diffCommand(): Command {
  return new Command("diff")
    .summary("say what is different between the configs of two bundles")
    .description(
      prose(`Compares two config.json by what they mean: mounts by destination, variables by name, capabilities as sets; the order of
entries counts only where it means something. Prints a line for each difference: "+" what the second one has more, "-" what it
has not, "~" what it has otherwise.

Example:

    mydocker-runtime diff /srv/web /srv/web2`),
    )
    .addArgument(new Argument("<bundle>", "the directory of a config.json"))
    .addArgument(new Argument("<other>", "the one that it is compared with"));
}
