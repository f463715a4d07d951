import { templateError } from "./template-error.ts";

/** One word of an action. */
export type Token =
  | { readonly kind: "literal"; readonly text: string; readonly value: unknown }
  | { readonly kind: "word"; readonly text: string }
  /** ".A.B"; "." alone has no names. Joined: it follows a parenthesis without a space. */
  | { readonly kind: "field"; readonly text: string; readonly names: readonly string[]; readonly isJoined: boolean }
  /** "$x.A"; "$" alone is the value that the template was given. */
  | { readonly kind: "variable"; readonly text: string; readonly names: readonly string[] }
  | { readonly kind: "symbol"; readonly text: string };

const TOKEN =
  /\s*(?:(?<quoted>"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)')|(?<number>[-+]?[0-9]+(?:\.[0-9]+)?)|(?<variable>\$\w*(?:\.\w+)*)|(?<field>(?:\.\w+)+|\.)|(?<word>\w+)|(?<symbol>:=|[=|(),]))/y;

/** Splits the inside of an action into its words. Throws EngineError. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < trimmed.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(trimmed)?.groups;
    if (groups === undefined)
      throw templateError(`unexpected ${JSON.stringify(trimmed.slice(at).trim()[0])} in command`);
    tokens.push(tokenOf(groups, trimmed[at - 1] === ")"));
  }
  return tokens;
}

const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, nil: undefined };

function tokenOf(groups: Readonly<Record<string, string | undefined>>, isJoined: boolean): Token {
  const { quoted, number, variable, field, word, symbol = "" } = groups;
  if (quoted !== undefined) return { kind: "literal", text: quoted, value: unquoted(quoted) };
  if (number !== undefined) return { kind: "literal", text: number, value: Number(number) };
  if (variable !== undefined) {
    const [text = "$", ...names] = variable.split(".");
    return { kind: "variable", text, names };
  }
  if (field !== undefined)
    return { kind: "field", text: field, names: field.split(".").slice(1).filter(Boolean), isJoined };
  if (word === undefined) return { kind: "symbol", text: symbol };
  return word in WORDS ? { kind: "literal", text: word, value: WORDS[word] } : { kind: "word", text: word };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

function unquoted(text: string): string {
  const inner = text.slice(1, -1);
  return text.startsWith("`") ? inner : inner.replace(/\\(.)/g, (_all, letter: string) => ESCAPES[letter] ?? letter);
}
