import { Command } from "commander";
import { choiceFlag, textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .summary("say what this host has and lacks for containers")
    .description(
      prose(`Looks at the kernel, its namespaces, filters and security modules, at user namespaces and ids of ordinary users, at
cgroups and at helper programs, and prints a line for each: "ok", "warning" or "missing", with what was seen. Below what is not
ok is what cannot be done, and the line that mends it. The facts are those of the calling user; root is not needed, and nothing is
changed.

The exit status is 0 when a container can run, 1 when something that it needs is missing.

Example:

    mydocker-runtime doctor
    mydocker-runtime doctor --bundle /srv/web --format json`),
    )
    .addOption(
      textFlag("-b, --bundle <dir>", "say too whether this bundle would run here, and if not, which key of its config"),
    )
    .addOption(choiceFlag("-f, --format <format>", "how to print it", ["text", "json"]).default("text"));
}
