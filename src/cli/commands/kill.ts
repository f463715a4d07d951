import { Argument, Command } from "commander";
import { booleanFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function killCommand(): Command {
  return new Command("kill")
    .summary("send a signal to a container")
    .description(
      prose(`Sends a signal to the container's init, or with --all to every process in its cgroup. A signal is a name, with
or without SIG and in any case, or a number.

Example:

    mydocker-runtime kill web1 HUP
    mydocker-runtime kill --all web1 9`),
    )
    .addArgument(containerArgument())
    .addArgument(new Argument("[signal]", "the signal to send; SIGTERM when not given"))
    .addOption(booleanFlag("-a, --all", "signal every process of the container"));
}
