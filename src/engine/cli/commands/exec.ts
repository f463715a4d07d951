import { Argument, Command } from "commander";
import { booleanFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";
import { prose } from "../../../cli/prose.ts";
import { containerArgument } from "./container-argument.ts";

export function execCommand(): Command {
  return new Command("exec")
    .summary("run one more program in a container")
    .description(
      prose(`Runs a program in a running container, with the container's own rights and environment. The exit status is the program's;
126 and 127 where it cannot be executed or is not there, 1 where there is no such container.

Example:

    mydocker exec web env
    mydocker exec -ti web sh`),
    )
    .addArgument(containerArgument())
    .addArgument(new Argument("[command...]", "the program and its arguments"))
    .addOption(booleanFlag("-d, --detach", "return as soon as the program runs"))
    .addOption(booleanFlag("-i, --interactive", "keep the standard input open"))
    .addOption(booleanFlag("-t, --tty", "give the program a terminal"))
    .addOption(
      textFlag(
        "--detach-keys <keys>",
        "the keys that leave it running and return, with -it; ctrl-p,ctrl-q when not given",
      ),
    )
    .addOption(listFlag("-e, --env <name=value>", "set an environment variable"))
    .addOption(listFlag("--env-file <file>", "read environment variables from a file"))
    .addOption(textFlag("-w, --workdir <dir>", "the working directory in the container"))
    .addOption(textFlag("-u, --user <user[:group]>", "names of the container's own, or numbers"))
    .addOption(booleanFlag("--privileged", "with all capabilities"))
    .passThroughOptions();
}
