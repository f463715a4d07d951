import { type Command, CommanderError } from "commander";
import { UsageError } from "../base/errors.ts";
import { describe, type FlagDescription, type ProgramDescription } from "./describe-program.ts";
import { EXIT_FAILURE, EXIT_SUCCESS } from "./exit-code.ts";
import type { FlagValue, RawCall } from "./flag-table.ts";
import { buildProgram, type ProgramParts } from "./program.ts";

/** What became of a command line: a call, a text to print (help, version), or a refusal. */
export type Parsed =
  | { readonly outcome: "call"; readonly call: RawCall }
  | { readonly outcome: "text"; readonly text: string; readonly status: number }
  /** The globals, as far as they were read, say where the error goes. */
  | {
      readonly outcome: "refusal";
      readonly error: UsageError;
      readonly globals: RawCall["globals"];
      /** What is wrong: a flag, or the verb or how many arguments there are. */
      readonly about: "flag" | "arguments";
    };

/** Makes the program to parse with; another one is for tests. */
export type MakeProgram = (parts: ProgramParts) => Command;

/** Parses a command line with commander: the slow and complete way, for what hotParse leaves. */
export function parseCommandLine(
  argv: readonly string[],
  version: string,
  makeProgram: MakeProgram = buildProgram,
): Parsed {
  const heard: Heard = { printed: "", complained: "", verb: undefined };
  const program = makeProgram(listeners(heard, version));
  const description = describe(program);
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    // exitOverride makes commander throw this for help and version too; anything else is a bug.
    if (!(error instanceof CommanderError)) throw error;
    const stranger = unknownVerb(program);
    if (HELP_CODES.includes(error.code) && stranger !== undefined) {
      // commander shows the program's help then; without the flag it says what is wrong.
      const refused = parseCommandLine([stranger], version, makeProgram);
      const globals = readGlobals(program, undefined, description);
      return refused.outcome === "refusal" ? { ...refused, globals } : refused;
    }
    if (TEXT_CODES.includes(error.code)) return textOf(heard);
    const command = namedVerb(program);
    const globals = readGlobals(program, command, description);
    const about = ARGUMENT_CODES.includes(error.code) ? "arguments" : "flag";
    return { outcome: "refusal", error: usageError(error, program, command), globals, about };
  }
  if (heard.verb === undefined) throw new TypeError(`commander ran no verb for ${JSON.stringify(argv)}`);
  return { outcome: "call", call: readCall(program, heard.verb, description) };
}

/** What commander said while it parsed. */
interface Heard {
  printed: string;
  complained: string;
  verb: Command | undefined;
}

function listeners(heard: Heard, version: string): ProgramParts {
  return {
    version,
    print: (text) => {
      heard.printed += text;
    },
    complain: (text) => {
      heard.complained += text;
    },
    onVerb: (command) => {
      heard.verb = command;
    },
  };
}

function textOf({ printed, complained }: Heard): Parsed {
  return complained === ""
    ? { outcome: "text", text: printed, status: EXIT_SUCCESS }
    : { outcome: "text", text: complained, status: EXIT_FAILURE };
}

const HELP_CODES: readonly string[] = ["commander.help", "commander.helpDisplayed"];
const ARGUMENT_CODES: readonly string[] = [
  "commander.missingArgument",
  "commander.excessArguments",
  "commander.unknownCommand",
];
const TEXT_CODES: readonly string[] = [...HELP_CODES, "commander.version"];

/** commander's sentence as one of ours: one line, strings in double quotes, the verb first. */
function usageError(error: CommanderError, program: Command, command: Command | undefined): UsageError {
  const place = command === undefined ? "" : `${command.name()}: `;
  const help = [program.name(), ...(command === undefined ? [] : [command.name()]), "--help"].join(" ");
  return new UsageError(`${place}${sentenceOf(error)}`, { fix: `see "${help}"` });
}

function sentenceOf({ code, message }: CommanderError): string {
  const flag = /^error: option '.*(--[\w-]+)/.exec(message)?.[1];
  // podman looks for these very words to find out whether a flag exists.
  if (code === "commander.optionMissingArgument" && flag !== undefined) return `flag needs an argument: ${flag}`;
  return message
    .replace(/^error: /, "")
    .replace(/\n\(Did you mean (.*)\?\)$/, ' (did you mean "$1"?)')
    .replace(/\.$/, "")
    .replace(/\. ([A-Z])/, (_, letter: string) => `: ${letter.toLowerCase()}`)
    .replace(/(?<=\W|^)'(.*?)'(?=\W|$)/g, '"$1"');
}

/** The verb that a line asks help for, where there is none of that name. */
function unknownVerb({ args: [first, second], commands }: Command): string | undefined {
  const verb = first === "help" ? second : first;
  return verb === undefined || verb.startsWith("-") || commands.some((command) => command.name() === verb)
    ? undefined
    : verb;
}

function namedVerb(program: Command): Command | undefined {
  return program.commands.find((command) => command.name() === program.args[0]);
}

function readCall(program: Command, command: Command, description: ProgramDescription): RawCall {
  return {
    verb: command.name(),
    globals: readGlobals(program, command, description),
    flags: readFlags(command, ownFlags(command, description)),
    args: command.args,
  };
}

/** The global flags before the verb, and over them those behind it. */
function readGlobals(
  program: Command,
  command: Command | undefined,
  description: ProgramDescription,
): RawCall["globals"] {
  const before = readFlags(program, description.globals);
  if (command === undefined) return before;
  const own = ownFlags(command, description);
  const copied = description.globals.filter(({ name }) => own.every((flag) => flag.name !== name));
  return { ...before, ...readFlags(command, copied, isGiven) };
}

function ownFlags(command: Command, { verbs }: ProgramDescription): readonly FlagDescription[] {
  return verbs.find(({ name }) => name === command.name())?.flags ?? [];
}

type IsWanted = (command: Command, attribute: string) => boolean;

const isGiven: IsWanted = (command, attribute) => command.getOptionValueSource(attribute) === "cli";

function readFlags(
  command: Command,
  flags: readonly FlagDescription[],
  isWanted: IsWanted = () => true,
): Record<string, FlagValue> {
  const values: Record<string, FlagValue> = {};
  for (const { name, type } of flags) {
    const option = command.options.find(({ long }) => long === `--${name}`);
    if (option === undefined || !isWanted(command, option.attributeName())) continue;
    // Each option was made by option-kinds.ts: a string, a number, a list of strings, or a boolean.
    const value: FlagValue | undefined = command.getOptionValue(option.attributeName());
    // commander stores "--no-pivot" as "pivot", turned round.
    if (type === "boolean") values[name] = option.negate ? value === false : value === true;
    else if (value !== undefined) values[name] = value;
  }
  return values;
}
