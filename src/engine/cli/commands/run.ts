import { Argument, Command, type Option } from "commander";
import { booleanFlag, choiceFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";
import { prose } from "../../../cli/prose.ts";
import { containerOptions, insightOptions, startOptions } from "./container-options.ts";

export function runCommand(): Command {
  const command = new Command("run")
    .summary("make a container and start it")
    .description(
      prose(`Makes a container from an image, starts it and shows its output. The exit status is that of its command, 128 and the number of the signal that ended it, 125 where the container could not be made, 126 and 127 where its command cannot be executed or is not there.

Example:

    mydocker run -ti busybox sh
    mydocker run -d --name web -p 8080:80 busybox httpd -f`),
    )
    .addArgument(new Argument("[image]", "the image, or with --rootfs a directory"))
    .addArgument(new Argument("[command...]", "the program and its arguments; the image's own when not given"))
    .passThroughOptions();
  for (const option of [...runOptions(), ...insightOptions(), ...startOptions(), ...containerOptions()])
    command.addOption(option);
  return command;
}

function runOptions(): readonly Option[] {
  return [
    booleanFlag("-d, --detach", "print the id and leave the container to itself"),
    textFlag("--detach-keys <keys>", "the keys that end the attachment; ctrl-p,ctrl-q when not given"),
    choiceFlag("--sig-proxy <when>", "whether signals are passed on to the container", ["true", "false"]),
    listFlag("-a, --attach <stream>", "stdin, stdout or stderr only"),
    booleanFlag("-q, --quiet", "accepted: nothing is pulled"),
  ];
}
