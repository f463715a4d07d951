/** Pieces of a manual page in the man macros. A piece is a list of lines. Source: man(7), groff_man(7), roff(7). */
export type Roff = readonly string[];

/** Text as roff shows it unchanged: dashes stay ASCII, so that a flag can be copied from the page. */
export function plain(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

export function bold(text: string): string {
  return `\\fB${plain(text)}\\fR`;
}

export function italic(text: string): string {
  return `\\fI${plain(text)}\\fR`;
}

/** A reference to another page. */
export function reference(page: string, section: number): string {
  return `${bold(page)}(${section})`;
}

export function section(title: string, body: Roff): Roff {
  return body.length === 0 ? [] : [`.SH ${title}`, ...body];
}

export function paragraph(text: string): Roff {
  return [".PP", text];
}

/** A term with its meaning beside it. */
export function definition(term: string, meaning: string): Roff {
  return [".TP", term, meaning];
}

/** Lines to be typed, shown as they are. */
export function example(lines: readonly string[]): Roff {
  return [".PP", ".RS 4", ".EX", ...lines.map(plain), ".EE", ".RE"];
}
