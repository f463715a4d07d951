import type { Command } from "commander";
import { assembleProgram, type MakeCommand, type ProgramParts } from "./assemble-program.ts";
import { checkpointCommand } from "./commands/checkpoint.ts";
import { createCommand } from "./commands/create.ts";
import { deleteCommand } from "./commands/delete.ts";
import { diffCommand } from "./commands/diff.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { eventsCommand } from "./commands/events.ts";
import { execCommand } from "./commands/exec.ts";
import { featuresCommand } from "./commands/features.ts";
import { killCommand } from "./commands/kill.ts";
import { listCommand } from "./commands/list.ts";
import { pauseCommand, resumeCommand } from "./commands/pause.ts";
import { planCommand } from "./commands/plan.ts";
import { psCommand } from "./commands/ps.ts";
import { reportFailureCommand } from "./commands/report-failure.ts";
import { restoreCommand } from "./commands/restore.ts";
import { runCommand } from "./commands/run.ts";
import { specCommand } from "./commands/spec.ts";
import { startCommand } from "./commands/start.ts";
import { stateCommand } from "./commands/state.ts";
import { traceCommand } from "./commands/trace.ts";
import { updateCommand } from "./commands/update.ts";
import { validateCommand } from "./commands/validate.ts";
import { globalOptions } from "./global-options.ts";
import { prose } from "./prose.ts";

export type { MakeCommand, ProgramParts } from "./assemble-program.ts";

/** Every verb, in the order of the help. To add one is to add its line here and in perform.ts. */
const VERBS: readonly MakeCommand[] = [
  createCommand,
  startCommand,
  runCommand,
  stateCommand,
  killCommand,
  execCommand,
  psCommand,
  pauseCommand,
  resumeCommand,
  updateCommand,
  eventsCommand,
  checkpointCommand,
  restoreCommand,
  deleteCommand,
  listCommand,
  specCommand,
  planCommand,
  traceCommand,
  diffCommand,
  validateCommand,
  doctorCommand,
  featuresCommand,
];

/** The program's own verbs, which no help, completion or man page shows. */
const HIDDEN_VERBS: readonly MakeCommand[] = [reportFailureCommand];

const DESCRIPTION =
  prose(`An OCI container runtime. It compiles a bundle (a directory with a config.json and a root filesystem) into a
plan, prints the plan or carries it out, and undoes it. Its command line is runc's, so that podman, containerd, CRI-O and
docker can use it.

Example:

    mydocker-runtime spec --bundle /srv/web
    mydocker-runtime plan --bundle /srv/web
    mydocker-runtime run --bundle /srv/web web1`);

/**
 * The one definition of the command line. It parses and prints; it never acts and never ends the process. Other verbs
 * than the program's are for tests.
 */
export function buildProgram(parts: ProgramParts, verbs: readonly MakeCommand[] = VERBS): Command {
  const definition = {
    name: "mydocker-runtime",
    description: DESCRIPTION,
    usage: "[global flags] <verb> [flags] [arguments]",
    verbsHeading: "Verbs:",
    versionHelp: "print the versions of the program, its source and the runtime-spec",
    globalOptions,
    verbs,
    hiddenVerbs: verbs === VERBS ? HIDDEN_VERBS : [],
  };
  return assembleProgram(definition, parts);
}
