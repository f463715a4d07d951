import type { Problem } from "../base/problem.ts";
import { ConfigError } from "../base/problem.ts";
import { findDuplicateNames } from "../config/duplicate-names.ts";
import { JsonSyntaxError } from "../config/json-scanner.ts";
import { type Location, locateIn, positionAt } from "../config/locate.ts";
import type { Config } from "../config/types.gen.ts";
import { checkText } from "../config/validate-text.ts";
import { realPath } from "../sys/files.ts";
import { readConfigText } from "./bundle.ts";
import type { RuntimeContext } from "./options.ts";
import { hostProblems } from "./validate-host.ts";

export interface ValidateOptions {
  /** The bundle's directory, absolute. */
  readonly bundle: string;
}

/** What there is to say about a bundle's config. */
export interface ValidationReport {
  /** config.json's path, absolute. */
  readonly file: string;
  /** In the order of their places in the file. */
  readonly findings: readonly LocatedProblem[];
  /** False where the config breaks rules: what this host can do of it is not known then. */
  readonly isHostChecked: boolean;
}

/** A problem and its place in the file: where that is missing, what it is missing from. */
export interface LocatedProblem extends Problem {
  readonly location: Location;
}

/**
 * Checks a bundle's config by the schema, by the rules of the spec and by what this host can do, and changes nothing.
 * Needs no privileges. Throws RuntimeError ERR_BUNDLE where there is no config.json; all else is in the report.
 * Source: runtime.md#create.
 */
export async function validateBundle(_context: RuntimeContext, { bundle }: ValidateOptions): Promise<ValidationReport> {
  const directory = realPath(bundle);
  const report = await checkConfigText(readConfigText(directory), (config) => hostProblems(config, directory));
  return { file: `${directory}/config.json`, ...report };
}

/** The problems of a config that breaks no rule on some host. */
export type HostCheck = (config: Config) => Promise<readonly Problem[]>;

/** The report on a config's text; `checkHost` is asked about one that breaks no rule. */
export async function checkConfigText(text: string, checkHost: HostCheck): Promise<Omit<ValidationReport, "file">> {
  try {
    const { problems, isHostChecked, spelled } = await checkValue(text, checkHost);
    const locate = locateIn(spelled);
    const findings = problems.map((problem) => ({ ...problem, location: locate(problem.pointer) }));
    return { findings: findings.sort(byPlace), isHostChecked };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return { findings: [syntaxFinding(text, error)], isHostChecked: false };
  }
}

async function checkValue(
  text: string,
  checkHost: HostCheck,
): Promise<{ problems: readonly Problem[]; isHostChecked: boolean; spelled: string }> {
  const duplicates = findDuplicateNames(text);
  try {
    const { text: spelled, value, errors, warnings } = checkText(text);
    const problems = [...duplicates, ...errors, ...warnings];
    if (errors.length > 0) return { problems, isHostChecked: false, spelled };
    // Without errors the schema has accepted the value.
    return { problems: [...problems, ...(await checkHost(value as Config))], isHostChecked: true, spelled };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: [...duplicates, ...error.problems], isHostChecked: false, spelled: text };
  }
}

function syntaxFinding(text: string, { offset, message }: JsonSyntaxError): LocatedProblem {
  return {
    code: "CONFIG_SYNTAX",
    severity: "error",
    pointer: "",
    message: `is not JSON: ${message}`,
    spec: "config.md",
    location: { start: positionAt(text, offset), end: positionAt(text, offset + 1), exact: true },
  };
}

function byPlace(a: LocatedProblem, b: LocatedProblem): number {
  const [one, other] = [a.location.start, b.location.start];
  return one.line - other.line || one.column - other.column || a.code.localeCompare(b.code, "en");
}
