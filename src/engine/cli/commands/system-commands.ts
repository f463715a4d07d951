import type { MakeCommand } from "../../../cli/assemble-program.ts";
import { doctorCommand } from "./doctor.ts";
import { infoCommand } from "./info.ts";
import { systemDfCommand } from "./system-df.ts";
import { systemPruneCommand } from "./system-prune.ts";
import { systemRecoverCommand } from "./system-recover.ts";
import { versionCommand } from "./version.ts";

/** The commands about the program and its whole state, in the order of the help. Each has its act in acts/system-acts.ts. */
export const SYSTEM_COMMANDS: readonly MakeCommand[] = [
  infoCommand,
  versionCommand,
  doctorCommand,
  systemDfCommand,
  systemPruneCommand,
  systemRecoverCommand,
];
