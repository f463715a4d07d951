import type { MakeCommand } from "../../../cli/assemble-program.ts";

/** The commands about containers, in the order of the help. Each has its act in acts/container-acts.ts. */
export const CONTAINER_COMMANDS: readonly MakeCommand[] = [];
