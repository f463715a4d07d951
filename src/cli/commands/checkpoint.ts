import { Command } from "commander";
import { booleanFlag, textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";
import { criuOptions } from "./criu-options.ts";

export function checkpointCommand(): Command {
  const command = new Command("checkpoint")
    .summary("write a running container into files")
    .description(
      prose(`Writes everything about the container's processes into files, by the program criu, and deletes the
container. Where criu cannot, its own reason is told, and the container runs on.

Example:

    mydocker-runtime checkpoint --image-path /var/tmp/web1 web1
    mydocker-runtime restore --image-path /var/tmp/web1 --bundle /srv/web --detach web1`),
    )
    .addArgument(containerArgument())
    .addOption(booleanFlag("--leave-running", "let the container run on"))
    .addOption(booleanFlag("--pre-dump", "write the memory only, and let the container run on"))
    .addOption(textFlag("--parent-path <dir>", "images of an earlier --pre-dump, relative to --image-path"))
    .addOption(textFlag("--page-server <address:port>", "send the memory to a page server"))
    .addOption(textFlag("--status-fd <fd>", "a file descriptor that criu writes to when --lazy-pages is ready"))
    .addOption(booleanFlag("--tcp-skip-in-flight", "leave out TCP connections that are not accepted yet"))
    .addOption(booleanFlag("--link-remap", "give files that have no name any more one for the time"));
  for (const option of criuOptions()) command.addOption(option);
  return command;
}
