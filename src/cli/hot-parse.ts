import type { CliTable, FlagSpec, FlagTable, FlagValue, RawCall } from "./flag-table.ts";
import { parseCount } from "./parse-count.ts";

/**
 * Parses a well-formed command line by table, without commander, whose loading takes 4 ms. Undefined for anything else:
 * help, an unknown flag, a missing or refused value, too few or too many arguments, one-letter flags run together. Those
 * are for commander, which has the words.
 */
export function hotParse(argv: readonly string[], table: CliTable): RawCall | undefined {
  const globals = openScope(table.globals);
  const verbAt = takeLeadingFlags(argv, globals);
  const verb = argv[verbAt] ?? "";
  const spec = Object.hasOwn(table.verbs, verb) ? table.verbs[verb] : undefined;
  if (spec === undefined) return undefined;
  const own = openScope(spec.flags);
  const args = takeArguments(argv, verbAt + 1, [own, globals], spec.passThrough);
  if (args === undefined || args.length < spec.minArgs) return undefined;
  if (spec.maxArgs !== null && args.length > spec.maxArgs) return undefined;
  return { verb, globals: globals.values, flags: own.values, args };
}

/** The flags that may stand at some place, and what was found of them. */
interface Scope {
  readonly flags: FlagTable;
  readonly values: Record<string, FlagValue>;
}

/** No index: argv[REFUSED] is undefined. */
const REFUSED = -1;

function openScope(flags: FlagTable): Scope {
  const values: Record<string, FlagValue> = {};
  for (const name in flags) {
    const spec = flags[name];
    if (spec?.type === "boolean") values[name] = false;
    else if (spec?.type === "list") values[name] = [];
    else if (spec?.default !== undefined) values[name] = spec.default;
  }
  return { flags, values };
}

/** The index of the first word that is no flag. */
function takeLeadingFlags(argv: readonly string[], scope: Scope): number {
  let at = 0;
  while (at !== REFUSED && isFlag(argv[at])) at = takeFlag(argv, at, [scope]);
  return at;
}

function takeArguments(
  argv: readonly string[],
  start: number,
  scopes: readonly Scope[],
  passThrough: boolean,
): string[] | undefined {
  const args: string[] = [];
  let at = start;
  for (let word = argv[at]; word !== undefined; word = argv[at]) {
    if (word === "--") return [...args, ...argv.slice(at + 1)];
    if (isFlag(word)) {
      at = takeFlag(argv, at, scopes);
      if (at === REFUSED) return undefined;
    } else {
      if (passThrough) return argv.slice(at);
      args.push(word);
      at += 1;
    }
  }
  return args;
}

/** A single "-" is an argument: by custom it stands for the standard input. */
function isFlag(word: string | undefined): boolean {
  return word !== undefined && word.length > 1 && word.startsWith("-");
}

/** Stores the flag at an index, and its value, in the first scope that knows it. The index of the word that follows. */
function takeFlag(argv: readonly string[], at: number, scopes: readonly Scope[]): number {
  const word = argv[at] ?? "";
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  const written = equals === -1 ? word : word.slice(0, equals);
  for (const scope of scopes) {
    const name = nameOf(written, scope.flags);
    const spec = name === undefined ? undefined : scope.flags[name];
    if (name === undefined || spec === undefined) continue;
    if (spec.type === "boolean") {
      scope.values[name] = true;
      return equals === -1 ? at + 1 : REFUSED;
    }
    const isStored = storeValue(scope, name, spec, equals === -1 ? argv[at + 1] : word.slice(equals + 1));
    return isStored ? at + (equals === -1 ? 2 : 1) : REFUSED;
  }
  return REFUSED;
}

/** The long name of a flag as written, "--bundle" or "-b". */
function nameOf(written: string, flags: FlagTable): string | undefined {
  if (written.startsWith("--")) {
    const name = written.slice(2);
    return Object.hasOwn(flags, name) ? name : undefined;
  }
  for (const name in flags) if (`-${flags[name]?.short}` === written) return name;
  return undefined;
}

function storeValue({ values }: Scope, name: string, spec: FlagSpec, text: string | undefined): boolean {
  if (text === undefined) return false;
  if (spec.type === "list") {
    const earlier = values[name];
    values[name] = [...(Array.isArray(earlier) ? earlier : []), text];
    return true;
  }
  const value = spec.type === "number" ? parseCount(text) : text;
  if (value === undefined || spec.choices?.includes(text) === false) return false;
  values[name] = value;
  return true;
}
