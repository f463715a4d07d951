import type { Problem } from "../base/problem.ts";
import { CONFIG_SHAPE } from "./config-shape.gen.ts";
import { withSpecNames } from "./letter-case.ts";
import { nullMemberWarnings } from "./null-members.ts";
import { parseConfig } from "./parse-config.ts";
import { checkConfig } from "./validate-config.ts";

/** A config as it was read, and all that is to be said about it. */
export interface CheckedText {
  /** With the spec's own names: what is kept, for every later verb to read. */
  readonly text: string;
  /** A Config where there are no errors. */
  readonly value: unknown;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Parses and checks a config's text. Throws RuntimeError ERR_CONFIG_SYNTAX, and ConfigError for strings with NUL. */
export function checkText(text: string): CheckedText {
  const value = parseConfig(text);
  const { errors, warnings } = checkConfig(value);
  // Nearly all configs have none such, and are gone over once.
  const hasUnknown = warnings.some(({ code }) => code === "UNKNOWN_PROPERTY");
  const spelled = hasUnknown ? withSpecNames(text, value, CONFIG_SHAPE) : undefined;
  if (spelled === undefined) return { text, value, errors, warnings: [...nullMemberWarnings(text), ...warnings] };
  const again = checkText(spelled.text);
  return { ...again, warnings: [...spelled.warnings, ...again.warnings] };
}
