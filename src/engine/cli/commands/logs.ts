import { Command } from "commander";
import { booleanFlag, textFlag } from "../../../cli/option-kinds.ts";
import { containerArgument } from "./container-argument.ts";

export function logsCommand(): Command {
  return new Command("logs")
    .summary("show what a container has written")
    .addArgument(containerArgument())
    .addOption(booleanFlag("-f, --follow", "go on as it writes more"))
    .addOption(textFlag("-n, --tail <lines>", "only the last lines"))
    .addOption(textFlag("--since <time>", "from a time on: RFC 3339, seconds since 1970, or a duration such as 10m"))
    .addOption(textFlag("--until <time>", "up to a time"))
    .addOption(booleanFlag("-t, --timestamps", "with the time of each line"))
    .addOption(booleanFlag("--details", "accepted: the log has no further details"));
}
