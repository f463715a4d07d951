/** A part of a text, as offsets; `end` is behind the last character. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A value that the scanner went over. */
export interface ScannedValue extends Span {
  /** Member names and indices from the top. */
  readonly path: readonly (string | number)[];
  /** The member's name, quotes included; absent for array elements and the whole document. */
  readonly key?: Span;
}

/** The place where a text stops being JSON, and what should be there: "expected a value". */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = "JsonSyntaxError";
    this.offset = offset;
  }
}

/**
 * Goes over a JSON text and reports every value after the values inside it, with its place. JSON.parse is what reads
 * configs; this is for telling people where something is. Throws JsonSyntaxError. Source: RFC 8259.
 */
export function scanJson(text: string, onValue: (value: ScannedValue) => void): void {
  const scanner = new Scanner(text, onValue);
  scanner.value([], undefined);
  scanner.end();
}

/** What goes deeper than any config; JSON.parse alone would allow it until the stack ends. */
export const MAX_DEPTH = 1000;

const WHITESPACE = /[ \t\n\r]*/y;
/** The characters of a string, escapes included, up to its closing quote. */
const CHARACTERS = /(?:(?!["\\])[ -\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;

class Scanner {
  private readonly text: string;
  private readonly onValue: (value: ScannedValue) => void;
  private offset = 0;

  constructor(text: string, onValue: (value: ScannedValue) => void) {
    this.text = text;
    this.onValue = onValue;
  }

  value(path: readonly (string | number)[], key: Span | undefined): void {
    if (path.length > MAX_DEPTH) throw new JsonSyntaxError(this.offset, `nested deeper than ${MAX_DEPTH} levels`);
    this.skip();
    const start = this.offset;
    const first = this.text[start];
    if (first === "{") this.object(path);
    else if (first === "[") this.array(path);
    else if (first === '"') this.string("a string");
    else if (!this.take(NUMBER) && !this.take(WORD)) this.fail("expected a value");
    this.onValue({ path, start, end: this.offset, ...(key && { key }) });
  }

  end(): void {
    this.skip();
    if (this.offset < this.text.length) this.fail("expected the end of the text");
  }

  private object(path: readonly (string | number)[]): void {
    this.offset += 1;
    if (this.accept("}")) return;
    do {
      this.skip();
      const start = this.offset;
      const name = this.string("a member's name in double quotes");
      const key = { start, end: this.offset };
      if (!this.accept(":")) this.fail('expected ":"');
      this.value([...path, name], key);
    } while (this.accept(","));
    if (!this.accept("}")) this.fail('expected "," or "}"');
  }

  private array(path: readonly (string | number)[]): void {
    this.offset += 1;
    if (this.accept("]")) return;
    let index = 0;
    do this.value([...path, index++], undefined);
    while (this.accept(","));
    if (!this.accept("]")) this.fail('expected "," or "]"');
  }

  private string(what: string): string {
    const start = this.offset;
    if (this.text[start] !== '"') this.fail(`expected ${what}`);
    this.offset += 1;
    this.take(CHARACTERS);
    const next = this.text[this.offset];
    if (next === undefined) this.fail("expected the string's closing quote");
    if (next === "\\") this.fail("unknown escape in a string");
    if (next !== '"') this.fail("a control character in a string must be escaped");
    this.offset += 1;
    // What was just gone over is JSON's own grammar of strings.
    return JSON.parse(this.text.slice(start, this.offset)) as string;
  }

  private accept(character: string): boolean {
    this.skip();
    if (this.text[this.offset] !== character) return false;
    this.offset += 1;
    return true;
  }

  private skip(): void {
    this.take(WHITESPACE);
  }

  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.offset;
    if (!pattern.test(this.text)) return false;
    this.offset = pattern.lastIndex;
    return true;
  }

  private fail(message: string): never {
    throw new JsonSyntaxError(this.offset, message);
  }
}
