import { InvalidArgumentError, Option } from "commander";
import { parseCount } from "./parse-count.ts";

/** A flag without a value. A name that begins with "no-" is a plain name, never the negation of another flag. */
export function booleanFlag(flags: string, description: string): Option {
  return new Option(flags, description);
}

/** A flag with a value of any text. */
export function textFlag(flags: string, description: string): Option {
  return new Option(flags, description);
}

/** A flag whose value is one of a few words. */
export function choiceFlag(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}

/** A flag that counts something: a decimal number, 0 when it is not given. */
export function countFlag(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseCountArgument).default(0);
}

/** A flag that may be given several times; each value is kept, commas and all. */
export function listFlag(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], "none");
}

/** What a flag's value is, by the way its option was made. */
export function kindOf(option: Option): "boolean" | "string" | "number" | "list" {
  if (!option.required) return "boolean";
  if (option.parseArg === parseCountArgument) return "number";
  return option.parseArg === collect ? "list" : "string";
}

function parseCountArgument(text: string): number {
  const count = parseCount(text);
  if (count === undefined) throw new InvalidArgumentError("It must be a decimal number of at most nine digits.");
  return count;
}

function collect(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
}
