import { type Argument, Command, type OutputConfiguration } from "commander";
import { createCommand } from "./commands/create.ts";
import { deleteCommand } from "./commands/delete.ts";
import { eventsCommand } from "./commands/events.ts";
import { execCommand } from "./commands/exec.ts";
import { featuresCommand } from "./commands/features.ts";
import { killCommand } from "./commands/kill.ts";
import { listCommand } from "./commands/list.ts";
import { pauseCommand, resumeCommand } from "./commands/pause.ts";
import { planCommand } from "./commands/plan.ts";
import { psCommand } from "./commands/ps.ts";
import { reportFailureCommand } from "./commands/report-failure.ts";
import { runCommand } from "./commands/run.ts";
import { specCommand } from "./commands/spec.ts";
import { startCommand } from "./commands/start.ts";
import { stateCommand } from "./commands/state.ts";
import { updateCommand } from "./commands/update.ts";
import { validateCommand } from "./commands/validate.ts";
import { globalOptions } from "./global-options.ts";
import { prose } from "./prose.ts";

/** Makes a new command: a command has one owner. */
export type MakeCommand = () => Command;

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
  deleteCommand,
  listCommand,
  specCommand,
  planCommand,
  validateCommand,
  featuresCommand,
];

/** The program's own verbs, which no help, completion or man page shows. */
const HIDDEN_VERBS: readonly MakeCommand[] = [reportFailureCommand];

const GLOBAL_GROUP = "Global flags:";

const DESCRIPTION =
  prose(`An OCI container runtime. It compiles a bundle (a directory with a config.json and a root filesystem) into a
plan, prints the plan or carries it out, and undoes it. Its command line is runc's, so that podman, containerd, CRI-O and
docker can use it.

Example:

    mydocker-runtime spec --bundle /srv/web
    mydocker-runtime plan --bundle /srv/web
    mydocker-runtime run --bundle /srv/web web1`);

export interface ProgramParts {
  /** Takes a help or version text that was asked for; errors are thrown only. */
  readonly print: (text: string) => void;
  /** Takes the help that answers a line without a verb. */
  readonly complain: (text: string) => void;
  readonly version: string;
  /** Told which verb the line named; its flags and arguments are in the command. */
  readonly onVerb: (command: Command) => void;
}

/**
 * The one definition of the command line. It parses and prints; it never acts and never ends the process. Other verbs
 * than the program's are for tests.
 */
export function buildProgram(
  parts: ProgramParts,
  verbs: readonly MakeCommand[] = [...VERBS, ...HIDDEN_VERBS],
): Command {
  const program = emptyProgram(parts);
  for (const option of globalOptions()) program.addOption(option);
  for (const make of verbs) {
    const command = make();
    adoptVerb(program, command).action(() => parts.onVerb(command));
    program.addCommand(command, { hidden: HIDDEN_VERBS.includes(make) });
  }
  return program;
}

function emptyProgram({ print, complain, version }: ProgramParts): Command {
  return new Command("mydocker-runtime")
    .description(DESCRIPTION)
    .usage("[global flags] <verb> [flags] [arguments]")
    .optionsGroup(GLOBAL_GROUP)
    .commandsGroup("Verbs:")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .version(version.trimEnd(), "-v, --version", "print the versions of the program, its source and the runtime-spec")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [verb]", "print the help of a verb")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ ...PLAIN_OUTPUT, writeOut: print, writeErr: complain });
}

/** commander would ask the engine's streams, which take 3 ms to load. */
const PLAIN_OUTPUT: OutputConfiguration = {
  outputError: () => {},
  getOutHelpWidth: () => 100,
  getErrHelpWidth: () => 100,
  getOutHasColors: () => false,
  getErrHasColors: () => false,
};

/** Gives a verb the program's settings, and copies of the global flags that it has no flag of its own for. */
function adoptVerb(program: Command, command: Command): Command {
  const own = command.options.map((option) => option.helpGroup("Flags:").long);
  for (const option of globalOptions()) {
    if (own.includes(option.long)) continue;
    // A copy tells only whether the flag was given here; the default is the program's.
    option.defaultValue = undefined;
    command.addOption(option.helpGroup(GLOBAL_GROUP));
  }
  const usage = ["[flags]", ...command.registeredArguments.map(argumentTerm)].join(" ");
  return command.copyInheritedSettings(program).usage(usage);
}

/** `<container-id>`, `[signal]` or `[record...]`. */
function argumentTerm(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}
