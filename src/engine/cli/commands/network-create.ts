import { Command } from "commander";
import { booleanFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function networkCreateCommand(): Command {
  return new Command("network create")
    .summary("make a network")
    .argument("<name>", "the network's name")
    .addOption(textFlag("-d, --driver <driver>", "how containers are attached: bridge (the default) or macvlan"))
    .addOption(listFlag("--subnet <cidr>", "its addresses, such as 10.1.0.0/16; one for IPv4, one for IPv6"))
    .addOption(listFlag("--gateway <address>", "the host's address on it; the first of the subnet without"))
    .addOption(listFlag("--ip-range <cidr>", "the part of the subnet that containers get addresses from"))
    .addOption(booleanFlag("--internal", "no way out of it and none in"))
    .addOption(booleanFlag("--ipv6", "also IPv6 addresses"))
    .addOption(listFlag("--label <key=value>", "a label"))
    .addOption(
      listFlag("-o, --opt <key=value>", "an option of the driver, such as com.docker.network.driver.mtu=1400"),
    );
}
