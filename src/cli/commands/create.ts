import { Command } from "commander";
import { prose } from "../prose.ts";
import { bundleOptions } from "./bundle-options.ts";
import { containerArgument } from "./container-argument.ts";

export function createCommand(): Command {
  const command = new Command("create")
    .summary("make a container from a bundle, ready to start")
    .description(
      prose(`Makes a container: its namespaces, cgroups, mounts and limits, as config.json asks. The program that
config.json names does not run before "start". Later changes of config.json change nothing.

Where config.json asks for a terminal, --console-socket is needed: nobody else could hold the terminal's other side.

Example:

    mydocker-runtime create --bundle /srv/web web1
    mydocker-runtime start web1`),
    )
    .addArgument(containerArgument());
  for (const option of bundleOptions()) command.addOption(option);
  return command;
}
