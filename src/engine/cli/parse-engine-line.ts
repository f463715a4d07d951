import type { Command } from "commander";
import { VERSION } from "../../base/version.ts";
import { SILENT } from "../../cli/describe-program.ts";
import { type Parsed, parseCommandLine } from "../../cli/parse-command-line.ts";
import { buildEngineProgram } from "./program.ts";

/** Parses a line of `mydocker` with commander; a group without a command of it is answered with the group's help. */
export function parseEngineLine(words: readonly string[], group: string | undefined): Parsed {
  if (group !== undefined) return { outcome: "text", text: groupHelp(group), status: 0 };
  return parseCommandLine(words, `mydocker version ${VERSION}`, buildEngineProgram);
}

function groupHelp(group: string): string {
  const commands = buildEngineProgram(SILENT).commands.filter((command) => command.name().startsWith(`${group} `));
  const width = Math.max(0, ...commands.map((command) => command.name().length));
  const line = (command: Command) => `  ${command.name().padEnd(width)}  ${command.summary()}\n`;
  return `Usage: mydocker ${group} <command> [flags] [arguments]\n\nCommands:\n${commands.map(line).join("")}`;
}
