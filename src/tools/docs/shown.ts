import type { FlagDescription, ProgramDescription, VerbDescription } from "../../cli/describe-program.ts";
import type { Roff } from "./roff.ts";

/** Things whose names a shell offers, by the command that prints them. */
export type ObjectKind = "containers" | "images" | "networks" | "volumes";

/** A program with all that its manual pages and completions say beside its command line. */
export interface DocumentedProgram extends ProgramDescription {
  /** Behind its name at the head of its page. */
  readonly summary: string;
  /** Of the manual: 8 for an administrator's program, 1 for everybody's. Source: man(1). */
  readonly section: 1 | 8;
  /** What it calls its verbs: "verb" or "command". */
  readonly verbWord: string;
  readonly exitStatus: Roff;
  readonly environment: Roff;
  readonly files: Roff;
  /** The words behind the program's name that print the names of such things, one a line. */
  readonly lists: Readonly<Partial<Record<ObjectKind, readonly string[]>>>;
  /** The global flags that say whose names these are; each has a value. */
  readonly listFlags: readonly string[];
  /** Other names of verbs. */
  readonly otherNames: Readonly<Record<string, string>>;
}

/** What shells call the program's functions. */
export function shellPrefix({ name }: ProgramDescription): string {
  return `_${name.replaceAll("-", "_")}`;
}

/** The verbs that people use, under all their names. */
export function namedVerbs(program: DocumentedProgram): readonly VerbDescription[] {
  const verbs = shownVerbs(program);
  const others = Object.entries(program.otherNames).flatMap(([name, of]) =>
    verbs.filter((verb) => verb.name === of).map((verb) => ({ ...verb, name })),
  );
  return [...verbs, ...others];
}

/** The words that make a verb together with the next one, such as "image", with those next ones. */
export function groupsOf(verbs: readonly VerbDescription[]): ReadonlyMap<string, readonly VerbDescription[]> {
  const groups = new Map<string, VerbDescription[]>();
  for (const verb of verbs) {
    const [group = "", second] = verb.name.split(" ");
    if (second !== undefined) groups.set(group, [...(groups.get(group) ?? []), { ...verb, name: second }]);
  }
  return groups;
}

/** What may be the first word of a verb. */
export function firstWords(verbs: readonly VerbDescription[]): readonly string[] {
  return ["help", ...new Set(verbs.map(({ name }) => name.split(" ")[0] ?? ""))];
}

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
  | { readonly kind: ObjectKind | "directories" | "files" | "signals" | "nothing" };

/** By the choices of a flag, else by the name that its value has in the help. */
export function completionOfFlag({ choices, valueName = "" }: FlagDescription): Completion {
  if (choices !== undefined) return { kind: "words", words: choices };
  if (valueName === "dir") return { kind: "directories" };
  const kind = OBJECTS[valueName.replace(/[[:].*$/, "")];
  if (kind !== undefined) return { kind };
  return { kind: valueName === "file" || valueName === "socket" ? "files" : "nothing" };
}

/** What the help calls an object, and what completes its name. */
const OBJECTS: Readonly<Record<string, ObjectKind | "signals">> = {
  "container-id": "containers",
  container: "containers",
  image: "images",
  network: "networks",
  signal: "signals",
  volume: "volumes",
};

/** By the argument's name. Only for a verb that acts on a container there is: the name of a new one is not offered. */
export function completionOfArgument(verb: VerbDescription, index: number): Completion {
  const kind = OBJECTS[verb.args[index]?.name ?? ""];
  return { kind: kind === undefined || (kind === "containers" && makesContainer(verb)) ? "nothing" : kind };
}

/** Where the flags of another program begin: behind so many arguments; undefined where they never do. */
export function ownWordsOf({ passThrough, args }: VerbDescription): number | undefined {
  const variadic = args.findIndex((argument) => argument.variadic);
  return passThrough && variadic !== -1 ? variadic : undefined;
}

/** The verbs that take a bundle give a container its name. */
function makesContainer({ flags }: VerbDescription): boolean {
  return flags.some(({ name }) => name === "bundle");
}

/** A text as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Words as a POSIX shell reads them. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=-]+$/.test(word) ? word : shellQuote(word))).join(" ");
}
