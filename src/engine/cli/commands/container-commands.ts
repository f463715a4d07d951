import type { MakeCommand } from "../../../cli/assemble-program.ts";
import { attachCommand } from "./attach.ts";
import { containerPruneCommand } from "./container-prune.ts";
import { cpCommand } from "./cp.ts";
import { createCommand } from "./create.ts";
import { diffCommand } from "./diff.ts";
import { eventsCommand } from "./events.ts";
import { execCommand } from "./exec.ts";
import { graphCommand } from "./graph.ts";
import { inspectCommand } from "./inspect.ts";
import { killCommand } from "./kill.ts";
import { logsCommand } from "./logs.ts";
import { pauseCommand } from "./pause.ts";
import { explainCommand, planCommand, validateCommand } from "./plan.ts";
import { portCommand } from "./port.ts";
import { psCommand } from "./ps.ts";
import { renameCommand } from "./rename.ts";
import { restartCommand } from "./restart.ts";
import { rmCommand } from "./rm.ts";
import { runCommand } from "./run.ts";
import { startCommand } from "./start.ts";
import { statsCommand } from "./stats.ts";
import { stopCommand } from "./stop.ts";
import { topCommand } from "./top.ts";
import { unpauseCommand } from "./unpause.ts";
import { updateCommand } from "./update.ts";
import { waitCommand } from "./wait.ts";

/** The commands about containers, in the order of the help. Each has its act in acts/container-acts.ts. */
export const CONTAINER_COMMANDS: readonly MakeCommand[] = [
  runCommand,
  createCommand,
  startCommand,
  execCommand,
  psCommand,
  logsCommand,
  attachCommand,
  stopCommand,
  killCommand,
  restartCommand,
  pauseCommand,
  unpauseCommand,
  waitCommand,
  renameCommand,
  rmCommand,
  topCommand,
  statsCommand,
  inspectCommand,
  cpCommand,
  diffCommand,
  updateCommand,
  portCommand,
  planCommand,
  explainCommand,
  validateCommand,
  graphCommand,
  eventsCommand,
  containerPruneCommand,
];
