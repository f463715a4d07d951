import type { MakeCommand } from "../../../cli/assemble-program.ts";

/** The commands about images, in the order of the help. Each has its act in acts/image-acts.ts. */
export const IMAGE_COMMANDS: readonly MakeCommand[] = [];
