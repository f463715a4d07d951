import type { CliTable, FlagSpec, FlagTable } from "../../cli/flag-table.ts";

/**
 * Takes one-letter flags apart that are run together, as docker's users write them: `-it` becomes `-i -t`, `-eA=b`
 * becomes `-e A=b`. A word with a letter that is no flag stays as it is, and so do values and arguments.
 */
export function splitClusters(argv: readonly string[], table: CliTable): readonly string[] {
  return argv.some(isCluster) ? split(argv, table) : argv;
}

function isCluster(word: string): boolean {
  return word.length > 2 && word.startsWith("-") && !word.startsWith("--");
}

function split(argv: readonly string[], { verbs, globals }: CliTable): readonly string[] {
  const result: string[] = [];
  let verb: CliTable["verbs"][string] | undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--" || (!word.startsWith("-") && verb?.passThrough === true)) return [...result, ...argv.slice(at)];
    const flags = { ...globals, ...verb?.flags };
    if (!word.startsWith("-")) verb ??= Object.hasOwn(verbs, word) ? verbs[word] : undefined;
    const parts = isCluster(word) ? partsOf(word, flags) : [word];
    result.push(...parts);
    if (wantsValue(parts.at(-1) ?? "", flags)) result.push(...argv.slice(++at, at + 1));
  }
  return result;
}

/** The flags of a cluster, and the value of the last one where it is written in the same word. */
function partsOf(word: string, flags: FlagTable): readonly string[] {
  const parts: string[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const spec = shortFlag(letter, flags);
    if (spec === undefined) return [word];
    parts.push(`-${letter}`);
    const rest = word.slice(at + 1).replace(/^=/, "");
    if (spec.type !== "boolean") return rest === "" ? parts : [...parts, rest];
  }
  return parts;
}

function wantsValue(word: string, flags: FlagTable): boolean {
  if (!word.startsWith("-") || word === "-") return false;
  const spec = word.startsWith("--") ? flags[word.slice(2)] : shortFlag(word.slice(1), flags);
  return spec !== undefined && spec.type !== "boolean";
}

function shortFlag(letter: string, flags: FlagTable): FlagSpec | undefined {
  for (const name in flags) if (flags[name]?.short === letter) return flags[name];
  return undefined;
}
