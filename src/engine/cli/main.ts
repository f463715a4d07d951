import type { FlagValue } from "../../cli/flag-table.ts";
import type { Host } from "../../cli/host.ts";
import { hotParse } from "../../cli/hot-parse.ts";
import { normalizeArgv } from "../../cli/normalize-argv.ts";
import { EXIT_STATUS } from "../base/errors.ts";
import type { AnyEngineCall } from "./call.ts";
import { ENGINE_TABLE } from "./flags.gen.ts";
import { joinCommandWords, namedGroup } from "./join-words.ts";
import { perform } from "./perform.ts";
import { reportFailure } from "./report-failure.ts";
import { splitClusters } from "./split-clusters.ts";

/** Runs one command line, without the program's name. Gives the exit status; every failure is reported by then. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const joined = joinCommandWords(argv, ENGINE_TABLE);
  const words = splitClusters(normalizeArgv(joined, ENGINE_TABLE), ENGINE_TABLE);
  const call = hotParse(words, ENGINE_TABLE);
  // The types of a call are computed from the table that drove the parse.
  return call === undefined ? await parseSlowly(words, host, argv) : await perform(call as AnyEngineCall, host, argv);
}

async function parseSlowly(words: readonly string[], host: Host, argv: readonly string[]): Promise<number> {
  const { parseEngineLine } = await import("./parse-engine-line.ts");
  const parsed = parseEngineLine(words, namedGroup(words, ENGINE_TABLE));
  switch (parsed.outcome) {
    case "call":
      // commander parsed by the definitions that the table, and so the type, was generated from.
      return await perform(parsed.call as AnyEngineCall, host, argv);
    case "text":
      host.write(parsed.status === 0 ? 1 : 2, parsed.text);
      return parsed.status;
    case "refusal":
      reportFailure(parsed.error, host, isDebug(parsed.globals));
      // As docker has it.
      return parsed.about === "flag" ? EXIT_STATUS.engine : EXIT_STATUS.failure;
  }
}

function isDebug(globals: Readonly<Record<string, FlagValue>>): boolean {
  return globals["debug"] === true;
}
