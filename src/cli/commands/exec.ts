import { Argument, Command } from "commander";
import { booleanFlag, countFlag, listFlag, textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function execCommand(): Command {
  const command = new Command("exec")
    .summary("run one more program in a container")
    .description(
      prose(`Runs a program in the namespaces and cgroups of a container, as its own program runs but for what the flags
change; connects the standard streams, forwards signals and waits. The exit status is that of the program, 128 and the
number of the signal that ended it, or 255 where it could not be run.

With --process everything about the program comes from that file, and the flags from --tty to --process-label mean
nothing.

Example:

    mydocker-runtime exec web1 ps -ef
    mydocker-runtime exec --tty --user 1000:1000 --cwd /srv web1 sh`),
    )
    .addArgument(containerArgument())
    .addArgument(new Argument("[command...]", "the program and its arguments; needed unless --process is given"))
    .passThroughOptions();
  for (const option of [...processOptions(), ...streamOptions()]) command.addOption(option);
  return command;
}

function processOptions() {
  return [
    textFlag("-p, --process <file>", "run the process that this file holds, as /process of config.json would"),
    booleanFlag("-t, --tty", "give the program a terminal"),
    textFlag("--cwd <dir>", "the working directory in the container"),
    listFlag("-e, --env <name=value>", "set an environment variable; may be given several times"),
    textFlag("-u, --user <uid[:gid]>", "the numbers of the user and the group"),
    listFlag("-g, --additional-gids <gid>", "the number of one more group; may be given several times"),
    listFlag("-c, --cap <name>", "add a capability, such as CAP_NET_RAW; may be given several times"),
    booleanFlag("--no-new-privs", "let no program gain privileges by its execution"),
    textFlag("--apparmor <profile>", "the AppArmor profile of the program"),
    textFlag("--process-label <label>", "the SELinux label of the program"),
  ];
}

function streamOptions() {
  return [
    booleanFlag("-d, --detach", "return as soon as the program runs"),
    textFlag("--pid-file <file>", "write the process id of the program to this file, digits only"),
    textFlag("--console-socket <socket>", "a unix socket that is sent the master side of the program's terminal"),
    textFlag("--pidfd-socket <socket>", "a unix socket that is sent a pidfd of the program"),
    countFlag("--preserve-fds <n>", "hand the program n file descriptors from 3 on"),
    listFlag(
      "--cgroup <[controller:]path>",
      "run in a cgroup below the container's; with v1, several controllers may have one each",
    ),
    booleanFlag("--ignore-paused", "run also in a paused container, as soon as it is resumed"),
  ];
}
