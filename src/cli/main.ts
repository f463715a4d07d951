import type { AnyCall } from "./call.ts";
import { EXIT_FAILURE } from "./exit-code.ts";
import { CLI_TABLE } from "./flags.gen.ts";
import type { Host } from "./host.ts";
import { hotParse } from "./hot-parse.ts";
import { normalizeArgv } from "./normalize-argv.ts";
import { perform } from "./perform.ts";
import { createReporter } from "./reporter.ts";
import { versionText } from "./version.ts";

/** Runs one command line, without the program's name. Gives the exit status; every failure is reported by then. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const words = normalizeArgv(argv, CLI_TABLE);
  const call = hotParse(words, CLI_TABLE);
  // The types of a call are computed from the table that drove the parse.
  return call === undefined ? await parseSlowly(words, host) : await perform(call as AnyCall, host);
}

async function parseSlowly(words: readonly string[], host: Host): Promise<number> {
  const { parseCommandLine } = await import("./parse-command-line.ts");
  const parsed = parseCommandLine(words, versionText(host.engine));
  switch (parsed.outcome) {
    case "call":
      // commander parsed by the definitions that the table, and so the type, was generated from.
      return await perform(parsed.call as AnyCall, host);
    case "text":
      host.write(parsed.status === 0 ? 1 : 2, parsed.text);
      return parsed.status;
    case "refusal":
      createReporter(parsed.globals, host).fail(parsed.error);
      return EXIT_FAILURE;
  }
}
