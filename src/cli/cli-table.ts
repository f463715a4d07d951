import type { FlagDescription, ProgramDescription } from "./describe-program.ts";
import type { CliTable, FlagSpec, FlagTable } from "./flag-table.ts";

/** The parser's table for a described command line: what it needs to know, and no words. */
export function cliTableOf({ globals, verbs }: ProgramDescription): CliTable {
  return {
    globals: flagTable(globals),
    verbs: Object.fromEntries(
      verbs.map(({ name, args, flags, passThrough }) => [
        name,
        {
          minArgs: args.filter((argument) => argument.required).length,
          maxArgs: args.some((argument) => argument.variadic) ? null : args.length,
          passThrough,
          flags: flagTable(flags),
        },
      ]),
    ),
  };
}

function flagTable(flags: readonly FlagDescription[]): FlagTable {
  return Object.fromEntries(flags.map(({ name, description, valueName, ...spec }) => [name, spec satisfies FlagSpec]));
}
