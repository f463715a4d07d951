import { Command } from "commander";
import { booleanFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function deleteCommand(): Command {
  return new Command("delete")
    .summary("remove what a container has left")
    .description(
      prose(`Undoes what "create" did: the cgroups, the mounts and the state directory go, and the poststop hooks run. The
container must be "stopped", as the runtime-spec has it: also one that was created and never started is refused, which
other runtimes end, unless --force is given.`),
    )
    .addArgument(containerArgument())
    .addOption(
      booleanFlag("-f, --force", "kill the container first if it runs; a container that does not exist is no error"),
    );
}
