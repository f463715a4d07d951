import type { MakeCommand } from "../../../cli/assemble-program.ts";

/** The commands about volumes, in the order of the help. Each has its act in acts/volume-acts.ts. */
export const VOLUME_COMMANDS: readonly MakeCommand[] = [];
