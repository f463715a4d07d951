import { Command } from "commander";
import { booleanFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { bundleOptions } from "./bundle-options.ts";
import { containerArgument } from "./container-argument.ts";

export function runCommand(): Command {
  const command = new Command("run")
    .summary("make a container, start it and wait for its end")
    .description(
      prose(`Does what "create" and "start" do, connects the standard streams, forwards signals, waits and deletes the
container. The exit status is that of the container's program, or 128 and the number of the signal that ended it.

Example:

    mydocker-runtime spec --bundle /srv/web
    mydocker-runtime run --bundle /srv/web web1`),
    )
    .addArgument(containerArgument())
    .addOption(booleanFlag("-d, --detach", "return as soon as the container runs, and leave it running"))
    .addOption(booleanFlag("--keep", "keep the container's state and cgroup after its end, for a look at them"))
    .addOption(booleanFlag("--no-subreaper", "do not adopt the processes that the container's end leaves behind"));
  for (const option of bundleOptions()) command.addOption(option);
  return command;
}
