import type { FlagSpec, FlagTable } from "./flag-table.ts";
import type { CLI_TABLE } from "./flags.gen.ts";

type Table = typeof CLI_TABLE;

/** Every verb of the command line, those for the program itself included. */
export type Verb = keyof Table["verbs"];

/** The global flags, as parsed. */
export type Globals = FlagValues<Table["globals"]>;

/** One command line, parsed: the types of its flags and arguments follow from the generated table. */
export interface Call<V extends Verb> {
  readonly verb: V;
  readonly globals: Globals;
  readonly flags: FlagValues<Table["verbs"][V]["flags"]>;
  readonly args: Table["verbs"][V]["minArgs"] extends 0 ? readonly string[] : readonly [string, ...string[]];
}

/** A command line of one of some verbs; of any, where none is named. */
export type AnyCall<V extends Verb = Verb> = { [One in V]: Call<One> }[V];

/** The values of a table's flags, as parsed. */
export type FlagValues<T extends FlagTable> = {
  readonly [Name in keyof T as IsAlwaysSet<T[Name]> extends true ? Name : never]: ValueOf<T[Name]>;
} & {
  readonly [Name in keyof T as IsAlwaysSet<T[Name]> extends true ? never : Name]?: ValueOf<T[Name]>;
};

type IsAlwaysSet<F extends FlagSpec> = F extends { type: "boolean" | "list" } | { default: unknown } ? true : false;

type ValueOf<F extends FlagSpec> = F extends { choices: readonly (infer Choice)[] }
  ? Choice
  : F["type"] extends "boolean"
    ? boolean
    : F["type"] extends "number"
      ? number
      : F["type"] extends "list"
        ? readonly string[]
        : string;
