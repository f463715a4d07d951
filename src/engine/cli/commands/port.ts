import { Argument, Command } from "commander";
import { containerArgument } from "./container-argument.ts";

export function portCommand(): Command {
  return new Command("port")
    .summary("show the published ports of a container")
    .addArgument(containerArgument())
    .addArgument(new Argument("[port]", "only this one: PORT[/PROTOCOL]"));
}
