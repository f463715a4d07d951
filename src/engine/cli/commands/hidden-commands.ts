import type { MakeCommand } from "../../../cli/assemble-program.ts";
import { containerEndedCommand } from "./container-ended.ts";
import { containerHealthCommand } from "./container-health.ts";
import { containerRestartCommand } from "./container-restart.ts";
import { doctorFindingsCommand } from "./doctor-findings.ts";
import { enterFailedCommand } from "./enter-failed.ts";
import { execEndedCommand } from "./exec-ended.ts";
import { execFailedCommand } from "./exec-failed.ts";

/** The program's own commands, which it and its monitors start. Each has its act in acts/hidden-acts.ts. */
export const HIDDEN_COMMANDS: readonly MakeCommand[] = [
  containerEndedCommand,
  containerHealthCommand,
  containerRestartCommand,
  doctorFindingsCommand,
  enterFailedCommand,
  execEndedCommand,
  execFailedCommand,
];
