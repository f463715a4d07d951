import { Command } from "commander";
import { booleanFlag, textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";

export function specCommand(): Command {
  return new Command("spec")
    .summary("write a config.json to begin with")
    .description(
      prose(`Writes a config.json that runs "sh" in the directory "rootfs" beside it, with the namespaces, mounts,
capabilities and limits that containers usually have. A config.json that is there already is never overwritten.

Example:

    mkdir -p /srv/web/rootfs
    cp --archive /path/to/a/root/filesystem/. /srv/web/rootfs
    mydocker-runtime spec --bundle /srv/web
    mydocker-runtime run --bundle /srv/web web1`),
    )
    .addOption(textFlag("-b, --bundle <dir>", "the directory to write config.json to; the current one when not given"))
    .addOption(booleanFlag("--rootless", "write a config that an ordinary user can run"));
}
