import { Argument, Command, type Option } from "commander";
import { booleanFlag } from "../../../cli/option-kinds.ts";
import { prose } from "../../../cli/prose.ts";
import { containerOptions, insightOptions } from "./container-options.ts";

export function createCommand(): Command {
  const command = new Command("create")
    .summary("make a container without starting it")
    .description(
      prose(`Makes a container from an image, and prints its id.

Example:

    mydocker create --name web busybox httpd -f`),
    )
    .addArgument(new Argument("[image]", "the image, or with --rootfs a directory"))
    .addArgument(new Argument("[command...]", "the program and its arguments; the image's own when not given"))
    .passThroughOptions();
  for (const option of [...createOptions(), ...insightOptions(), ...containerOptions()]) command.addOption(option);
  return command;
}

function createOptions(): readonly Option[] {
  return [booleanFlag("-q, --quiet", "accepted: nothing is pulled")];
}
