import type { FlagDescription, ProgramDescription, VerbDescription } from "../../cli/describe-program.ts";

/** commander answers these two itself, so that the description of the program has no entry for them. */
export const HELP_FLAG: FlagDescription = { name: "help", short: "h", type: "boolean", description: "print the help" };
export const VERSION_FLAG: FlagDescription = {
  name: "version",
  short: "v",
  type: "boolean",
  description: "print the versions of the program, its source and the runtime-spec",
};

/** The verbs that people use. */
export function shownVerbs({ verbs }: ProgramDescription): readonly VerbDescription[] {
  return verbs.filter(({ hidden }) => !hidden);
}

/** The global flags that a verb takes: all but those that a flag of its own hides; and --help. */
export function globalsOf(program: ProgramDescription, verb: VerbDescription): readonly FlagDescription[] {
  return [...program.globals.filter(({ name }) => verb.flags.every((flag) => flag.name !== name)), HELP_FLAG];
}

/** A flag as it is written: "-b" and "--bundle". */
export function spellings({ name, short }: FlagDescription): readonly string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** What completes a flag's value or an argument. */
export type Completion =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "directories" | "files" | "containers" | "signals" | "nothing" };

/** By the choices of a flag, else by the name that its value has in the help. */
export function completionOfFlag({ choices, valueName }: FlagDescription): Completion {
  if (choices !== undefined) return { kind: "words", words: choices };
  if (valueName === "dir") return { kind: "directories" };
  return { kind: valueName === "file" || valueName === "socket" ? "files" : "nothing" };
}

/** By the argument's name. Only for a verb that acts on a container there is: the name of a new one is not offered. */
export function completionOfArgument(verb: VerbDescription, index: number): Completion {
  const name = verb.args[index]?.name;
  if (name === "signal") return { kind: "signals" };
  return { kind: name === "container-id" && !makesContainer(verb) ? "containers" : "nothing" };
}

/** The verbs that take a bundle give a container its name. */
function makesContainer({ flags }: VerbDescription): boolean {
  return flags.some(({ name }) => name === "bundle");
}

/** A text as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
