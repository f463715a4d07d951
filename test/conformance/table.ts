import { specUrl } from "../../src/base/spec-ref.ts";
import { SPEC_VERSION } from "../../src/base/version.ts";
import type { TestResult } from "../helpers/runner/test-result.ts";
import { type Requirement, requirementOf } from "./title.ts";

/** A runtime, and what the tests of the requirements have said of it. */
export interface Column {
  /** The name and the version. */
  readonly heading: string;
  readonly results: readonly TestResult[];
}

/** What is not in the tests but in the table's text. */
export interface TableFacts {
  /** The machine: "Linux 6.1 with cgroup v1". */
  readonly host: string;
}

/** The rows of one file of the spec. */
const FILES: Readonly<Record<string, string>> = {
  RT: "runtime.md",
  RL: "runtime-linux.md",
  CF: "config.md",
  CL: "config-linux.md",
  FT: "features.md",
  FL: "features-linux.md",
};

/** The text of docs/conformance.md: every requirement, its test, and what it says of each runtime, ours first. */
export function conformanceTable(columns: readonly Column[], { host }: TableFacts): string {
  const rows = rowsOf(columns);
  const headings = columns.map(({ heading }) => heading);
  const sections = Object.entries(FILES).map(([key, file]) =>
    section(
      file,
      rows.filter(({ id }) => id.startsWith(`MD-${key}-`)),
      headings,
    ),
  );
  return [INTRODUCTION, hostText(host), summary(rows, headings), ...sections, LEFT_OUT].join("\n\n").concat("\n");
}

interface TableRow extends Requirement {
  readonly file: string;
  readonly outcomes: readonly Outcome[];
}

interface Outcome {
  readonly mark: "yes" | "**no**" | "–" | "?";
  /** Why a test was skipped. */
  readonly reason?: string;
}

/** The rows of the first column, with what the others say of them; a requirement has one test. */
function rowsOf(columns: readonly Column[]): readonly TableRow[] {
  const byTitle = columns.map(({ results }) => new Map(results.map((result) => [titleOf(result), result])));
  const [first = new Map<string, TestResult>()] = byTitle;
  const rows = [...first].flatMap(([title, { file }]) => {
    const requirement = requirementOf(title);
    const outcomes = byTitle.map((results) => outcomeOf(results.get(title)));
    return requirement === undefined ? [] : [{ ...requirement, file, outcomes }];
  });
  return rows.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}

function titleOf({ path }: TestResult): string {
  return path.at(-1) ?? "";
}

function outcomeOf(result: TestResult | undefined): Outcome {
  switch (result?.outcome) {
    case "passed":
      return { mark: "yes" };
    case "failed":
      return { mark: "**no**" };
    case "skipped":
      return { mark: "–", reason: result.reason };
    default:
      return { mark: "?" };
  }
}

function summary(rows: readonly TableRow[], headings: readonly string[]): string {
  const lines = Object.entries(FILES).map(([key, file]) => {
    const own = rows.filter(({ id }) => id.startsWith(`MD-${key}-`));
    return [file, String(own.length), ...headings.map((_, column) => counts(own, column))];
  });
  const total = ["all", String(rows.length), ...headings.map((_, column) => counts(rows, column))];
  return markdownTable(["", "rows", ...headings], [...lines, total]);
}

/** "40 yes, 2 no, 1 –", without what there is none of. */
function counts(rows: readonly TableRow[], column: number): string {
  const count = (mark: Outcome["mark"]) => rows.filter(({ outcomes }) => outcomes[column]?.mark === mark).length;
  return (["yes", "**no**", "–", "?"] as const)
    .filter((mark) => count(mark) > 0)
    .map((mark) => `${count(mark)} ${mark}`)
    .join(", ");
}

function section(file: string, rows: readonly TableRow[], headings: readonly string[]): string {
  const reasons = [
    ...new Set(
      rows.flatMap(({ outcomes }) => outcomes.flatMap(({ reason }) => (reason === undefined ? [] : [reason]))),
    ),
  ];
  const lines = rows.map((row) => [
    `${row.id}`,
    `${row.level}: ${escapeCell(row.says)}${row.since === undefined ? "" : ` (since ${row.since})`}`,
    `[${anchorOf(row)}](${specUrl(row.at)})`,
    `[${testName(row.file)}](../${row.file})`,
    ...row.outcomes.map(({ mark, reason }) => (reason === undefined ? mark : `${mark} ${reasons.indexOf(reason) + 1}`)),
  ]);
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  const table = markdownTable(["", "what the spec says", "section", "test", ...headings], lines);
  return [`## ${file}`, table, ...(notes.length === 0 ? [] : [notes.join("\n")])].join("\n\n");
}

function anchorOf({ at }: Requirement): string {
  return at.includes("#") ? at.slice(at.indexOf("#") + 1) : "top";
}

function testName(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.test\.ts$/, "");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("\n");
}

const INTRODUCTION = `# Conformance to the OCI runtime-spec

Written by \`npm run conformance\`: do not edit. Every row is a sentence of the [runtime-spec
${SPEC_VERSION}](${specUrl("runtime.md")}) with MUST, MUST NOT or REQUIRED that a runtime on Linux has to follow, in our own
words, and the result of one test for it. The same test runs on real containers of each runtime, through the command line
that they share, and looks at nothing but what the sentence says. \`npm test\` runs them all on mydocker-runtime.

- **yes**: the test passes. **no**: it fails. **–**: it cannot be asked here, for the reason that is below the table.
- A property that is REQUIRED, or has to have some form, is one that a config without it, or with another form, is refused
  for (config.md, "Valid values"); where the row says so, a warning will do.
- What came with a later version than 1.0 has that version behind it. Runtimes that were made for an earlier one are not
  to be blamed for it.
- What is a matter of hardware or of another version of cgroups than this machine's is shown by the plan that
  mydocker-runtime would carry out there, and cannot be seen of others.`;

function hostText(host: string): string {
  return `The results are those of one machine: ${host}.`;
}

const LEFT_OUT = `## What is not in the tables

- What is for other platforms than Linux: Windows, Solaris, z/OS, FreeBSD and virtual machines.
- What the spec says a second time, such as config.md about where hooks run: it has one row.
- What the spec asks of others than runtimes: that later versions of the spec do not use some annotations, and that
  whoever writes the annotations \`org.opencontainers.image.…\` gives them values of the image-spec.`;
