import type { CliTable, FlagSpec, FlagTable } from "./flag-table.ts";

/**
 * Rewrites what Go programs accept and commander does not: long names behind one dash (`-no-subreaper`, as go-runc sends
 * it), `-b=DIR`, and a value behind a boolean (`--force=true`). Values and arguments stay as they are.
 */
export function normalizeArgv(argv: readonly string[], table: CliTable): readonly string[] {
  for (const word of argv) if (isGoStyle(word)) return rewrite(argv, table);
  return argv;
}

/** `-name`, `-n=value` or `--name=true`; a few lines more than must be are looked at closely, and come out unchanged. */
function isGoStyle(word: string): boolean {
  if (!word.startsWith("-")) return false;
  if (!word.startsWith("--")) return word.length > 2;
  const equals = word.indexOf("=");
  return equals !== -1 && "01tTfF".includes(word.charAt(equals + 1));
}

const TRUE_WORDS = ["1", "t", "T", "true", "TRUE", "True"];
const FALSE_WORDS = ["0", "f", "F", "false", "FALSE", "False"];

function rewrite(argv: readonly string[], table: CliTable): readonly string[] {
  const result: string[] = [];
  let verb: CliTable["verbs"][string] | undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") return [...result, ...argv.slice(at)];
    if (!word.startsWith("-")) {
      if (verb?.passThrough === true) return [...result, ...argv.slice(at)];
      verb ??= Object.hasOwn(table.verbs, word) ? table.verbs[word] : undefined;
      result.push(word);
      continue;
    }
    const { words, takesNext } = rewriteFlag(word, { ...table.globals, ...verb?.flags });
    result.push(...words, ...(takesNext ? argv.slice(at + 1, at + 2) : []));
    if (takesNext) at += 1;
  }
  return result;
}

interface Rewritten {
  readonly words: readonly string[];
  /** Whether the next word is this flag's value. */
  readonly takesNext: boolean;
}

/** The parts of `--name=value`, `-name=value`, `-n`; the value may be missing. */
const FLAG_PARTS = /^--?([^=]+)(?:=(.*))?$/s;

function rewriteFlag(word: string, flags: FlagTable): Rewritten {
  const [, written = "", value] = FLAG_PARTS.exec(word) ?? [];
  const found = findFlag(written, flags);
  if (found === undefined) return { words: [word], takesNext: false };
  const [name, spec] = found;
  if (spec.type !== "boolean") {
    if (value === undefined) return { words: [`--${name}`], takesNext: true };
    return { words: [`--${name}=${value}`], takesNext: false };
  }
  if (value === undefined || TRUE_WORDS.includes(value)) return { words: [`--${name}`], takesNext: false };
  return { words: FALSE_WORDS.includes(value) ? [] : [word], takesNext: false };
}

function findFlag(written: string, flags: FlagTable): readonly [string, FlagSpec] | undefined {
  const own = Object.hasOwn(flags, written) ? flags[written] : undefined;
  if (own !== undefined) return [written, own];
  if (written.length > 1) return undefined;
  return Object.entries(flags).find(([, spec]) => spec.short === written);
}
