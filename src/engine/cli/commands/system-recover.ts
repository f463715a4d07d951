import { Command } from "commander";

export function systemRecoverCommand(): Command {
  return new Command("system recover").summary("take back what a crash has left: records, addresses, links, rules");
}
