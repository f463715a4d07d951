/** What the parser needs to know of one flag, by its long name without the dashes. */
export interface FlagSpec {
  readonly type: "boolean" | "string" | "number" | "list";
  /** One letter, without the dash. */
  readonly short?: string;
  /** The only values that a string flag takes. */
  readonly choices?: readonly string[];
  readonly default?: string | number;
}

export type FlagTable = Readonly<Record<string, FlagSpec>>;

export interface VerbSpec {
  readonly minArgs: number;
  /** Null where there is no limit. */
  readonly maxArgs: number | null;
  /** Everything after the first argument is an argument too, whatever it begins with. */
  readonly passThrough: boolean;
  readonly flags: FlagTable;
}

/** The whole command line as data: generated from the commander definitions, so that no hot verb loads commander. */
export interface CliTable {
  readonly globals: FlagTable;
  readonly verbs: Readonly<Record<string, VerbSpec>>;
}

export type FlagValue = string | number | boolean | readonly string[];

/** A parsed command line. A flag that was not given and has no default is absent; booleans and lists never are. */
export interface RawCall {
  readonly verb: string;
  readonly globals: Readonly<Record<string, FlagValue>>;
  readonly flags: Readonly<Record<string, FlagValue>>;
  readonly args: readonly string[];
}
