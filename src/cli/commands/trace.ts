import { Argument, Command } from "commander";
import { choiceFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";

export function traceCommand(): Command {
  return new Command("trace")
    .summary("print what --trace has written: what was done, and how long it took")
    .description(
      prose(`Prints the steps that a command line with --trace FILE has carried out, in the order in which they ended: when
that was, how long it was since the one before of the same process, and the step as "plan" prints it. A step that waits for another
process takes as long as that. What comes behind the system call filter is not told.

Example:

    mydocker-runtime --trace /tmp/steps run --bundle /srv/web web1
    mydocker-runtime trace /tmp/steps
    mydocker-runtime trace --format chrome /tmp/steps > steps.json`),
    )
    .addArgument(new Argument("<file>", "the file that --trace named"))
    .addOption(
      choiceFlag("-f, --format <format>", "how to print it; chrome: for viewers of Chrome's traces", [
        "text",
        "chrome",
      ]).default("text"),
    );
}
