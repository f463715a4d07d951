import type { CliTable, FlagTable } from "../../cli/flag-table.ts";
import { GROUP_WORDS, OTHER_NAMES } from "./commands/group-words.ts";

/**
 * Makes one word of the words that name a command: `image ls` becomes "image ls", `container run` "run". Flags before
 * the command stay as they are; a line that names no command comes out unchanged.
 */
export function joinCommandWords(argv: readonly string[], table: CliTable): readonly string[] {
  const at = commandAt(argv, table.globals);
  const group = argv[at];
  const word = argv[at + 1];
  if (group === undefined || !GROUP_WORDS.includes(group) || word === undefined) return argv;
  const name = commandName(group, word, table);
  if (name === undefined) return argv;
  const implied = group === "container" && name === "inspect" ? ["--type", "container"] : [];
  return [...argv.slice(0, at), name, ...implied, ...argv.slice(at + 2)];
}

/** The group that a line names without a command of it: `image`, `image --help`. */
export function namedGroup(argv: readonly string[], table: CliTable): string | undefined {
  const word = argv[commandAt(argv, table.globals)];
  return word !== undefined && GROUP_WORDS.includes(word) ? word : undefined;
}

function commandName(group: string, word: string, { verbs }: CliTable): string | undefined {
  const joined = `${group} ${word}`;
  const other = Object.hasOwn(OTHER_NAMES, joined) ? OTHER_NAMES[joined] : undefined;
  if (other !== undefined) return other;
  if (Object.hasOwn(verbs, joined)) return joined;
  // docker has each old command in its group as well: `container run`, `image tag`.
  return (group === "container" || group === "image") && Object.hasOwn(verbs, word) ? word : undefined;
}

/** The index of the first word that is neither a flag nor the value of one. */
function commandAt(argv: readonly string[], globals: FlagTable): number {
  let at = 0;
  for (let word = argv[at]; word?.startsWith("-") === true; word = argv[at]) at += takesNext(word, globals) ? 2 : 1;
  return at;
}

function takesNext(word: string, globals: FlagTable): boolean {
  const name = word.replace(/^--?/, "");
  const spec = Object.hasOwn(globals, name) ? globals[name] : undefined;
  return spec !== undefined && spec.type !== "boolean";
}
