import { textTable } from "./table.ts";
import { renderTemplate, templateRenderer } from "./template/render-template.ts";

export { renderTemplate };

/** One row of a list: docker's names of its columns, such as {ID, Names}. */
export type ListRow = Readonly<Record<string, unknown>>;

export interface ListFormat {
  /** --format: a Go template, "table TEMPLATE", "table", "json", or undefined for the usual table. */
  readonly format: string | undefined;
  /** The template of the usual table, without the word "table". */
  readonly usual: string;
  /** The header of each column, by its name; a column without one has its name in upper case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Shows a list as docker does: a table, a template for each row, or a line of JSON for each. Throws EngineError. */
export function formatList(rows: readonly ListRow[], { format, usual, headers }: ListFormat): string {
  if (format === "json") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const template = format === undefined || format === "" || format === "table" ? `table ${usual}` : format;
  if (!template.startsWith("table ")) {
    const render = templateRenderer(unescaped(template));
    return rows.map((row) => `${render(row)}\n`).join("");
  }
  const columns = unescaped(template.slice("table ".length));
  const render = templateRenderer(columns);
  const header = renderTemplate(columns.replace(CALLS, "{{.").replace(LABELS, "$1"), headerRow(columns, headers));
  return textTable([header, ...rows.map((row) => render(row))].map((line) => line.split("\t")));
}

/** What is done with a column's value is not done with its name. */
const CALLS = /\{\{\s*(?:json|upper|lower|title)\s+\./g;
/** The column of a label is named after it, as docker does. */
const LABELS = /\{\{\s*\.Label\s+["`]([^"`]*)["`]\s*\}\}/g;

/** Shows one value: "json" is its JSON. */
export function formatValue(value: unknown, format: string): string {
  return format === "json" ? `${JSON.stringify(value)}\n` : `${renderTemplate(unescaped(format), value)}\n`;
}

/** A header for each column that the template names. */
function headerRow(columns: string, headers: Readonly<Record<string, string>>): ListRow {
  const names = [...columns.matchAll(/\.([A-Za-z]\w*)/g)].map(([, name = ""]) => name);
  return Object.fromEntries(names.map((name) => [name, headers[name] ?? name.toUpperCase()]));
}

/** In a shell's quotes, "\t" and "\n" are written as two characters. */
function unescaped(template: string): string {
  return template.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}
