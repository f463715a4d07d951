import { Command } from "commander";
import { booleanFlag } from "../../../cli/option-kinds.ts";

export function networkDisconnectCommand(): Command {
  return new Command("network disconnect")
    .summary("detach a container from a network, at once where it runs")
    .argument("<network>", "the network's name or id")
    .argument("<container>", "the container's name or id")
    .addOption(booleanFlag("-f, --force", "accepted, as docker's: nothing waits for the container"));
}
