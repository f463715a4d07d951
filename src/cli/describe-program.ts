import type { Argument, Command, Option } from "commander";
import type { FlagSpec } from "./flag-table.ts";
import { kindOf } from "./option-kinds.ts";
import { buildProgram, type ProgramParts } from "./program.ts";

/** The command line as data, for the parser's table, the man pages and the shells' completion. */
export interface ProgramDescription {
  readonly name: string;
  readonly description: string;
  readonly globals: readonly FlagDescription[];
  readonly verbs: readonly VerbDescription[];
}

export interface VerbDescription {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly args: readonly ArgumentDescription[];
  /** The verb's own flags, without the global ones. */
  readonly flags: readonly FlagDescription[];
  readonly passThrough: boolean;
  readonly hidden: boolean;
}

export interface ArgumentDescription {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly variadic: boolean;
}

export interface FlagDescription extends FlagSpec {
  /** The long name without its dashes. */
  readonly name: string;
  readonly description: string;
  /** What the help calls the value: "dir", "file", "socket"; absent for a boolean flag. */
  readonly valueName?: string;
}

/** What to build a program with that is only read. */
export const SILENT: ProgramParts = { print: () => {}, complain: () => {}, version: "", onVerb: () => {} };

/** Reads the definition of the command line. Help and version, which commander answers itself, are left out. */
export function describeProgram(): ProgramDescription {
  return describe(buildProgram(SILENT));
}

/** The same for any program whose options were made by option-kinds.ts. */
export function describe(program: Command): ProgramDescription {
  const visible = program.createHelp().visibleCommands(program);
  const globals = program.options.filter((option) => option.long !== "--version");
  const globalGroup = globals[0]?.helpGroupHeading;
  return {
    name: program.name(),
    description: program.description(),
    globals: globals.map(describeFlag),
    verbs: program.commands.map((command) => ({
      name: command.name(),
      summary: command.summary(),
      description: command.description(),
      args: command.registeredArguments.map(describeArgument),
      flags: command.options.filter((option) => option.helpGroupHeading !== globalGroup).map(describeFlag),
      passThrough: passesThrough(command),
      hidden: !visible.includes(command),
    })),
  };
}

function describeArgument(argument: Argument): ArgumentDescription {
  const { description, required, variadic } = argument;
  return { name: argument.name(), description, required, variadic };
}

function describeFlag(option: Option): FlagDescription {
  const type = kindOf(option);
  const valueName = /<(.+)>/.exec(option.flags)?.[1];
  // Booleans have none: for "--no-pivot" commander's default says that "pivot" is on.
  const hasDefault = (type === "string" || type === "number") && option.defaultValue !== undefined;
  return {
    name: (option.long ?? "").replace(/^--/, ""),
    type,
    ...(option.short === undefined ? {} : { short: option.short.slice(1) }),
    ...(option.argChoices === undefined ? {} : { choices: option.argChoices }),
    ...(hasDefault ? { default: option.defaultValue } : {}),
    ...(valueName === undefined ? {} : { valueName }),
    description: option.description,
  };
}

/** commander has no getter for this setting. */
function passesThrough(command: Command): boolean {
  return "_passThroughOptions" in command && command._passThroughOptions === true;
}
