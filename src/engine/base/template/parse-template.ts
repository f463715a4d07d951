import { templateError } from "./template-error.ts";
import { type Token, tokenize } from "./tokenize.ts";

/** What gives a value. */
export type Expression =
  | { readonly kind: "literal"; readonly value: unknown }
  /** `of` is the value whose members are named: the dot, a variable, or what is in parentheses. */
  | { readonly kind: "field"; readonly of: Expression; readonly names: readonly string[] }
  | { readonly kind: "dot" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  /** A member that is a function, with its arguments: `.Label "name"`. */
  | { readonly kind: "method"; readonly of: Expression; readonly args: readonly Expression[] };

/** A part of a template. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly value: Expression }
  | { readonly kind: "assign"; readonly name: string; readonly value: Expression }
  | { readonly kind: "if" | "with"; readonly value: Expression; readonly body: Nodes; readonly otherwise: Nodes }
  | {
      readonly kind: "range";
      readonly value: Expression;
      /** [element] or [index, element]. */
      readonly variables: readonly string[];
      readonly body: Nodes;
      readonly otherwise: Nodes;
    };

export type Nodes = readonly TemplateNode[];

/** Parses Go's text/template, as far as docker's users write it. Throws EngineError. Source: Go, package text/template. */
export function parseTemplate(text: string): Nodes {
  const parser = new Parser(splitActions(text));
  const { nodes, end } = parser.nodes();
  if (end !== undefined) throw templateError(`unexpected {{${end}}}`);
  return nodes;
}

type Piece = { readonly text: string } | { readonly tokens: readonly Token[] };

/** Text and actions in turn; "{{-" and "-}}" take the white space beside them. */
function splitActions(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let rest = template;
  let isTrimmed = false;
  for (let open = rest.indexOf("{{"); open !== -1; open = rest.indexOf("{{")) {
    const trimsBefore = /^\{\{-\s/.test(rest.slice(open));
    const before = isTrimmed ? rest.slice(0, open).trimStart() : rest.slice(0, open);
    pieces.push({ text: trimsBefore ? before.trimEnd() : before });
    const match = ACTION.exec(rest.slice(open));
    if (match === null) throw templateError("unclosed action");
    isTrimmed = match[2] !== undefined;
    const body = match[1] ?? "";
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(body)) pieces.push({ tokens: tokenize(body) });
    rest = rest.slice(open + match[0].length);
  }
  pieces.push({ text: isTrimmed ? rest.trimStart() : rest });
  return pieces;
}

/** Quotes may hold braces. */
const ACTION = /^\{\{(?:-(?=\s))?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?)(\s-)?\}\}/;

class Parser {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Up to the end, or to an "end" or "else" that belongs to an outer node. */
  nodes(): { readonly nodes: Nodes; readonly end?: string; readonly rest?: readonly Token[] } {
    const nodes: TemplateNode[] = [];
    for (let piece = this.#pieces[this.#at++]; piece !== undefined; piece = this.#pieces[this.#at++]) {
      if ("text" in piece) {
        if (piece.text !== "") nodes.push({ kind: "text", text: piece.text });
        continue;
      }
      const [first, ...others] = piece.tokens;
      if (first?.kind === "word" && (first.text === "end" || first.text === "else")) {
        return { nodes, end: first.text, rest: others };
      }
      nodes.push(this.#action(piece.tokens));
    }
    return { nodes };
  }

  #action(tokens: readonly Token[]): TemplateNode {
    const [first, second, ...others] = tokens;
    if (first === undefined) throw templateError("missing value for command");
    if (first.kind === "word" && (first.text === "if" || first.text === "with")) {
      return this.#branch(first.text, tokens.slice(1));
    }
    if (first.kind === "word" && first.text === "range") return this.#range(tokens.slice(1));
    if (first.kind === "variable" && second?.kind === "symbol" && (second.text === ":=" || second.text === "=")) {
      return { kind: "assign", name: first.text, value: parsePipeline(others) };
    }
    return { kind: "print", value: parsePipeline(tokens) };
  }

  #branch(kind: "if" | "with", condition: readonly Token[]): TemplateNode {
    const value = parsePipeline(condition);
    const { nodes: body, end, rest = [] } = this.nodes();
    if (end === "end") return { kind, value, body, otherwise: [] };
    if (end === undefined) throw templateError(`unexpected EOF: {{${kind}}} without {{end}}`);
    const [next] = rest;
    if (next?.kind === "word" && (next.text === "if" || next.text === "with")) {
      return { kind, value, body, otherwise: [this.#branch(next.text, rest.slice(1))] };
    }
    return { kind, value, body, otherwise: this.#untilEnd(kind) };
  }

  #range(tokens: readonly Token[]): TemplateNode {
    const assign = tokens.findIndex((token) => token.kind === "symbol" && token.text === ":=");
    const variables = tokens
      .slice(0, Math.max(0, assign))
      .flatMap((token) => (token.kind === "variable" ? [token.text] : []));
    const value = parsePipeline(tokens.slice(assign + 1));
    const { nodes: body, end } = this.nodes();
    if (end === undefined) throw templateError("unexpected EOF: {{range}} without {{end}}");
    const otherwise = end === "else" ? this.#untilEnd("range") : [];
    return { kind: "range", value, variables, body, otherwise };
  }

  #untilEnd(of: string): Nodes {
    const { nodes, end } = this.nodes();
    if (end !== "end") throw templateError(`unexpected EOF: {{${of}}} without {{end}}`);
    return nodes;
  }
}

/** Commands with "|" between them: each gets the value before as its last argument. */
function parsePipeline(tokens: readonly Token[]): Expression {
  let value: Expression | undefined;
  for (const command of splitPipes(tokens)) {
    const parsed = parseCommand(command);
    if (value === undefined) value = parsed;
    else if (parsed.kind === "call") value = { ...parsed, args: [...parsed.args, value] };
    else throw templateError("non executable command in pipeline");
  }
  if (value === undefined) throw templateError("missing value for command");
  return value;
}

function splitPipes(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const commands: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "symbol" && token.text === "(") depth++;
    if (token.kind === "symbol" && token.text === ")") depth--;
    if (depth === 0 && token.kind === "symbol" && token.text === "|") commands.push([]);
    else commands.at(-1)?.push(token);
  }
  return commands;
}

function parseCommand(tokens: readonly Token[]): Expression {
  const operands: Expression[] = [];
  for (let at = 0; at < tokens.length; ) {
    const { value, next } = parseOperand(tokens, at);
    operands.push(value);
    at = next;
  }
  const [first, ...args] = operands;
  if (first === undefined) throw templateError("missing value for command");
  if (first.kind === "call" && tokens[0]?.kind === "word") return { ...first, args };
  if (args.length === 0) return first;
  if (first.kind !== "field") throw templateError("can't give argument to non-function");
  return { kind: "method", of: first, args };
}

function parseOperand(tokens: readonly Token[], at: number): { readonly value: Expression; readonly next: number } {
  const token = tokens[at];
  switch (token?.kind) {
    case "literal":
      return { value: { kind: "literal", value: token.value }, next: at + 1 };
    case "word":
      return { value: { kind: "call", name: token.text, args: [] }, next: at + 1 };
    case "field":
      return { value: fieldOf({ kind: "dot" }, token.names), next: at + 1 };
    case "variable":
      return { value: fieldOf({ kind: "variable", name: token.text }, token.names), next: at + 1 };
    case "symbol":
      if (token.text === "(") return parseParentheses(tokens, at);
  }
  throw templateError(`unexpected ${token === undefined ? "end" : JSON.stringify(token.text)} in command`);
}

function parseParentheses(tokens: readonly Token[], at: number): { readonly value: Expression; readonly next: number } {
  let depth = 0;
  for (let end = at; end < tokens.length; end++) {
    const token = tokens[end];
    if (token?.kind === "symbol" && token.text === "(") depth++;
    if (token?.kind === "symbol" && token.text === ")") depth--;
    if (depth > 0) continue;
    const value = parsePipeline(tokens.slice(at + 1, end));
    const after = tokens[end + 1];
    const hasField = after?.kind === "field" && after.isJoined;
    return hasField ? { value: fieldOf(value, after.names), next: end + 2 } : { value, next: end + 1 };
  }
  throw templateError("unclosed left paren");
}

function fieldOf(of: Expression, names: readonly string[]): Expression {
  return names.length === 0 ? of : { kind: "field", of, names };
}
