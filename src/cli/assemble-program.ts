import { type Argument, Command, type Option, type OutputConfiguration } from "commander";

/** Makes a new command: a command has one owner. */
export type MakeCommand = () => Command;

export interface ProgramParts {
  /** Takes a help or version text that was asked for; errors are thrown only. */
  readonly print: (text: string) => void;
  /** Takes the help that answers a line without a verb. */
  readonly complain: (text: string) => void;
  readonly version: string;
  /** Told which verb the line named; its flags and arguments are in the command. */
  readonly onVerb: (command: Command) => void;
}

/** A command line in words: what differs between the programs that are assembled from it. */
export interface ProgramDefinition {
  readonly name: string;
  readonly description: string;
  readonly usage: string;
  /** What the help calls the verbs, in the plural, with a colon: "Verbs:". */
  readonly verbsHeading: string;
  readonly versionHelp: string;
  /** New options on each call: an option has one owner. */
  readonly globalOptions: () => readonly Option[];
  readonly verbs: readonly MakeCommand[];
  /** The program's own verbs, which no help, completion or man page shows. */
  readonly hiddenVerbs: readonly MakeCommand[];
}

const GLOBAL_GROUP = "Global flags:";

/** A program that parses and prints; it never acts and never ends the process. */
export function assembleProgram(definition: ProgramDefinition, parts: ProgramParts): Command {
  const program = emptyProgram(definition, parts);
  for (const option of definition.globalOptions()) program.addOption(option);
  for (const make of [...definition.verbs, ...definition.hiddenVerbs]) {
    const command = make();
    adoptVerb(program, command, definition.globalOptions()).action(() => parts.onVerb(command));
    program.addCommand(command, { hidden: definition.hiddenVerbs.includes(make) });
  }
  return program;
}

function emptyProgram(definition: ProgramDefinition, { print, complain, version }: ProgramParts): Command {
  return new Command(definition.name)
    .description(definition.description)
    .usage(definition.usage)
    .optionsGroup(GLOBAL_GROUP)
    .commandsGroup(definition.verbsHeading)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .version(version.trimEnd(), "-v, --version", definition.versionHelp)
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
function adoptVerb(program: Command, command: Command, globals: readonly Option[]): Command {
  const own = command.options.map((option) => option.helpGroup("Flags:").long);
  for (const option of globals) {
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
