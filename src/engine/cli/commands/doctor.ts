import { Command } from "commander";
import { choiceFlag, textFlag } from "../../../cli/option-kinds.ts";
import { prose } from "../../../cli/prose.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .summary("say what this host has and lacks for containers")
    .description(
      prose(`Prints what "mydocker-runtime doctor" does (the kernel, user namespaces and ids, cgroups, helper programs), and in
addition the storage driver and why it is that one, the state directories and their free space, the firewall or the way out of an
ordinary user's containers, records that cannot be read, and leftovers that "system recover" would clear. Each is a line: "ok",
"warning" or "missing", with what was seen; below what is not ok is what cannot be done, and the line that mends it.

The exit status is 0 when a container can run, 1 when something that it needs is missing.

Example:

    mydocker doctor
    mydocker doctor --format json`),
    )
    .addOption(
      textFlag(
        "-b, --bundle <dir>",
        "say too whether this OCI bundle would run here, and if not, which key of its config",
      ),
    )
    .addOption(choiceFlag("-f, --format <format>", "how to print it", ["text", "json"]).default("text"));
}
