import type { MakeCommand } from "../../../cli/assemble-program.ts";

/** The commands about networks, in the order of the help. Each has its act in acts/network-acts.ts. */
export const NETWORK_COMMANDS: readonly MakeCommand[] = [];
