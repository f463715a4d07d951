import { Command } from "commander";
import { booleanFlag, textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function eventsCommand(): Command {
  return new Command("events")
    .summary("tell what a container uses, and when it is out of memory")
    .description(
      prose(`Prints a JSON object a line until the container ends: {"type":"stats",...} with what it uses, once in each
interval, and {"type":"oom",...} when it has run out of memory.

Example:

    mydocker-runtime events --interval 500ms web1
    mydocker-runtime events --stats web1`),
    )
    .addArgument(containerArgument())
    .addOption(textFlag("--interval <duration>", 'how often to tell, such as "500ms", "5s" or "1m30s"').default("5s"))
    .addOption(booleanFlag("--stats", "tell what it uses now, and end"));
}
