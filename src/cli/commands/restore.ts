import { Command } from "commander";
import { booleanFlag, textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";
import { criuOptions } from "./criu-options.ts";

export function restoreCommand(): Command {
  const command = new Command("restore")
    .summary("make a container again from what checkpoint has written")
    .description(
      prose(`Makes a container of the bundle whose processes go on where "checkpoint" has stopped them, by the program
criu. As "run" does, it waits for the end of the container and deletes it, unless it is detached.`),
    )
    .addArgument(containerArgument())
    .addOption(textFlag("-b, --bundle <dir>", "the directory of config.json; the current directory when not given"))
    .addOption(booleanFlag("-d, --detach", "return as soon as the container runs, and leave it running"))
    .addOption(textFlag("--pid-file <file>", "write the process id of the container's init to this file, digits only"))
    .addOption(textFlag("--console-socket <socket>", "refused: a container with a terminal cannot be restored"))
    .addOption(booleanFlag("--no-subreaper", "do not adopt the processes that the container's end leaves behind"))
    .addOption(booleanFlag("--no-pivot", "criu decides how the root is changed: this changes nothing"))
    .addOption(booleanFlag("--tcp-close", "restore TCP connections as closed ones"))
    .addOption(textFlag("--lsm-profile <type:name>", "the security profile to restore with"))
    .addOption(textFlag("--lsm-mount-context <context>", "the SELinux context to mount with"));
  for (const option of criuOptions()) command.addOption(option);
  return command;
}
