import type { Option } from "commander";
import { booleanFlag, textFlag } from "../../cli/option-kinds.ts";

/** The flags that every command takes, before or after its name. Each call makes new ones: an option has one owner. */
export function globalOptions(): readonly Option[] {
  return [
    textFlag(
      "--root <dir>",
      "where images, containers and volumes are kept: /var/lib/mydocker, or $XDG_DATA_HOME/mydocker for an ordinary user",
    ),
    textFlag(
      "--run-root <dir>",
      "where the state of running containers is kept: /run/mydocker, or $XDG_RUNTIME_DIR/mydocker for an ordinary user",
    ),
    booleanFlag("--debug", "show where in the program a failure comes from"),
  ];
}
