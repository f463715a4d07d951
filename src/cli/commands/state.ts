import { Command } from "commander";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function stateCommand(): Command {
  return new Command("state")
    .summary("print the state of a container as JSON")
    .description(
      prose(`Prints the container's state as the runtime-spec defines it: ociVersion, id, status, pid, bundle and
annotations; and rootfs, created and owner besides. The status is what the kernel says now, not what a file said last.`),
    )
    .addArgument(containerArgument());
}
