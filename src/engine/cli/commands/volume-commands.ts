import type { MakeCommand } from "../../../cli/assemble-program.ts";
import { volumeCreateCommand } from "./volume-create.ts";
import { volumeInspectCommand } from "./volume-inspect.ts";
import { volumeLsCommand } from "./volume-ls.ts";
import { volumePruneCommand } from "./volume-prune.ts";
import { volumeRmCommand } from "./volume-rm.ts";

/** The commands about volumes, in the order of the help. Each has its act in acts/volume-acts.ts. */
export const VOLUME_COMMANDS: readonly MakeCommand[] = [
  volumeCreateCommand,
  volumeLsCommand,
  volumeInspectCommand,
  volumeRmCommand,
  volumePruneCommand,
];
