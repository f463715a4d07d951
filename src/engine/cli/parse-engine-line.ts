import { UsageError } from "../../base/errors.ts";
import { VERSION } from "../../base/version.ts";
import { SILENT } from "../../cli/describe-program.ts";
import { type Parsed, parseCommandLine } from "../../cli/parse-command-line.ts";
import { commandsOf } from "./commands/group-words.ts";
import { buildEngineProgram } from "./program.ts";

/** Parses a line of `mydocker` with commander; a group without a command of it is answered with the group's help. */
export function parseEngineLine(words: readonly string[], group: string | undefined): Parsed {
  if (group !== undefined) return groupAnswer(words, group);
  return parseCommandLine(words, `mydocker version ${VERSION}`, buildEngineProgram);
}

/** The group's help, also where a command is named that it does not have: then with a failure. */
function groupAnswer(words: readonly string[], group: string): Parsed {
  const stranger = words.slice(words.indexOf(group) + 1).find((word) => !word.startsWith("-") && word !== "help");
  if (stranger === undefined) return { outcome: "text", text: groupHelp(group), status: 0 };
  const error = new UsageError(`unknown command "${group} ${stranger}"`, { fix: `see "mydocker ${group} --help"` });
  return { outcome: "refusal", error, globals: {}, about: "arguments" };
}

function groupHelp(group: string): string {
  const summaries = new Map(buildEngineProgram(SILENT).commands.map((one) => [one.name(), one.summary()]));
  const written = commandsOf(group, [...summaries.keys()]);
  const width = Math.max(0, ...written.map(([words]) => words.length));
  const lines = written.map(([words, name]) => `  ${words.padEnd(width)}  ${summaries.get(name)}\n`);
  return `Usage: mydocker ${group} <command> [flags] [arguments]\n\nCommands:\n${lines.join("")}`;
}
