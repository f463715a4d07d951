import { Command } from "commander";
import { listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function networkConnectCommand(): Command {
  return new Command("network connect")
    .summary("attach a container to a network, at once where it runs")
    .argument("<network>", "the network's name or id")
    .argument("<container>", "the container's name or id")
    .addOption(textFlag("--ip <address>", "its IPv4 address there"))
    .addOption(textFlag("--ip6 <address>", "its IPv6 address there"))
    .addOption(listFlag("--alias <name>", "a further name of the container on this network"));
}
