import { Argument, Command } from "commander";
import { booleanFlag } from "../../../cli/option-kinds.ts";
import { prose } from "../../../cli/prose.ts";

export function cpCommand(): Command {
  return new Command("cp")
    .summary("copy files between a container and the host")
    .description(
      prose(`Copies a file or directory out of a container or into it, whether it runs or not. A directory arrives inside of a directory that is there; "/." at the end of the source means what is in it. "-" stands for a tar archive on the standard input or output. Symbolic links in a container never lead out of it.

Example:

    mydocker cp web:/etc/hosts .
    mydocker cp site/. web:/www
    mydocker cp web:/var/log - | tar -t`),
    )
    .addArgument(new Argument("<source>", "CONTAINER:PATH, a path of the host, or -"))
    .addArgument(new Argument("<target>", "CONTAINER:PATH, a path of the host, or -"))
    .addOption(booleanFlag("-a, --archive", "keep the numbers of owners and groups"))
    .addOption(booleanFlag("-L, --follow-link", "copy what a symbolic link points to"))
    .addOption(booleanFlag("-q, --quiet", "do not tell how much was copied"));
}
