import { RuntimeError } from "../base/errors.ts";
import type { LogFields } from "../base/log.ts";
import { ConfigError, formatProblem, type Problem } from "../base/problem.ts";
import { visibleText } from "./visible-text.ts";

/** An error in the forms that its readers need. */
export interface ErrorReport {
  /** Everything in one line: callers read the log by lines, and podman keeps the one line that it recognises. */
  readonly line: string;
  /** For a person: the same, but a line for each problem of a config. Without a final newline. */
  readonly text: string;
  /** The parts, for whoever reads a log as JSON. */
  readonly fields: LogFields;
}

/**
 * Says what went wrong: the whole chain of causes, where, why, how to mend it, and what went wrong while cleaning up.
 * Takes anything that was thrown.
 */
export function reportError(thrown: unknown): ErrorReport {
  const errors = causeChain(thrown);
  const { line, text } = sentences(errors);
  const tail = `${place(errors, line)}${fix(errors, line)}${cleanup(errors)}`;
  return { line: oneLine(`${line}${tail}`), text: safeText(`${text}${tail}`), fields: fieldsOf(errors) };
}

/** Deeper chains are cut: an error that causes itself must not hang the report. */
const MAX_CAUSES = 16;

/** The error and its causes, the outermost first. */
function causeChain(thrown: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let next = thrown; next instanceof Error && chain.length < MAX_CAUSES; next = next.cause) chain.push(next);
  return chain.length === 0 ? [new Error(String(thrown))] : chain;
}

interface Sentences {
  readonly line: string;
  readonly text: string;
}

/** The messages of the chain, each once: a message that quotes its cause is not followed by it. */
function sentences(errors: readonly Error[]): Sentences {
  let line = "";
  let text = "";
  for (const error of errors) {
    const message = error === errors[0] ? outermostMessage(error) : error.message;
    if (!line.includes(message)) {
      line += `${line === "" ? "" : ": "}${message}`;
      text += `${text === "" ? "" : ": "}${message}`;
    }
    if (error instanceof ConfigError) {
      line += problemsInLine(error.problems);
      text += problemsAsLines(error.problems);
    }
  }
  return { line, text };
}

/** What this program did not throw on purpose is a bug of it, and says so. */
function outermostMessage(error: Error): string {
  if (error instanceof RuntimeError) return error.message;
  return `internal error: ${error.name}: ${error.message} (a bug of mydocker-runtime: --debug shows where)`;
}

function problemsInLine(problems: readonly Problem[]): string {
  if (problems.length === 0) return "";
  if (problems.length === 1) return `: ${problems.map(problemText).join()}`;
  return `: ${problems.map((problem, index) => `(${index + 1}) ${problemText(problem)}`).join("; ")}`;
}

function problemsAsLines(problems: readonly Problem[]): string {
  return problems.length < 2
    ? problemsInLine(problems)
    : `:${problems.map((one) => `\n  ${problemText(one)}`).join("")}`;
}

function problemText(problem: Problem): string {
  return `${problem.severity === "warning" ? "warning: " : ""}${formatProblem(problem)}`;
}

/** Where: the first place that any error of the chain names, unless the sentence names it already. */
function place(errors: readonly Error[], line: string): string {
  const { pointer, flag, spec } = firstDetails(errors);
  const parts = [pointer === "" ? undefined : pointer, flag, spec].filter(
    (part): part is NonNullable<typeof part> => part !== undefined && !line.includes(part),
  );
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function fix(errors: readonly Error[], line: string): string {
  const { fix: phrase } = firstDetails(errors);
  return phrase === undefined || line.includes(phrase) ? "" : `; fix: ${phrase}`;
}

function cleanup(errors: readonly Error[]): string {
  const failures = cleanupSentences(errors);
  return failures.length === 0 ? "" : `; cleaning up failed too: ${failures.join("; ")}`;
}

function cleanupSentences(errors: readonly Error[]): readonly string[] {
  return errors
    .flatMap((error) => (error instanceof RuntimeError ? error.cleanup : []))
    .map((error) => oneLine(sentences(causeChain(error)).line));
}

type Details = RuntimeError["details"];

/** Each detail from the outermost error that has it. */
function firstDetails(errors: readonly Error[]): Details {
  const innermostFirst = errors.map((error) => (error instanceof RuntimeError ? error.details : {})).reverse();
  return Object.assign({}, ...innermostFirst);
}

function fieldsOf(errors: readonly Error[]): LogFields {
  const code = errors.find((error) => error instanceof RuntimeError)?.code ?? "ERR_INTERNAL";
  const { pointer, flag, spec, fix: phrase } = firstDetails(errors);
  const problems = errors.flatMap((error) => (error instanceof ConfigError ? error.problems : []));
  const failures = cleanupSentences(errors);
  const fields = { code, pointer, flag, spec, fix: phrase, problems, cleanup: failures };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}

function oneLine(text: string): string {
  return safeText(text.trim().replace(/\s*[\r\n]+\s*/g, " | "));
}

function safeText(text: string): string {
  return withoutMisleadingWords(visibleText(text));
}

/**
 * podman and moby take "no such file or directory", wherever it stands, for a command that is missing in the container,
 * and exit with 127. Only a sentence about a command may have the words.
 */
function withoutMisleadingWords(text: string): string {
  return text.includes('exec: "') ? text : text.replace(/no such file or directory/gi, "it does not exist");
}
