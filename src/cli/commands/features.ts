import { Command } from "commander";
import { prose } from "../prose.ts";

export function featuresCommand(): Command {
  return new Command("features").summary("print what this runtime can do as JSON").description(
    prose(`Prints the runtime-spec's features structure: the versions of config.json, hooks, mount options, namespaces,
capabilities and the rest that this program implements, whether this machine allows them or not.`),
  );
}
