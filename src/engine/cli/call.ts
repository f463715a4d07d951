import type { FlagValues } from "../../cli/call.ts";
import type { ENGINE_TABLE } from "./flags.gen.ts";

type Table = typeof ENGINE_TABLE;

/** Every command of `mydocker`; those of a group are written with a space: "image ls". */
export type EngineVerb = keyof Table["verbs"];

export type EngineGlobals = FlagValues<Table["globals"]>;

/** The flags of a command, as parsed. */
export type EngineFlags<V extends EngineVerb> = FlagValues<Table["verbs"][V]["flags"]>;

/** One command line, parsed: the types of its flags and arguments follow from the generated table. */
export interface EngineCall<V extends EngineVerb> {
  readonly verb: V;
  readonly globals: EngineGlobals;
  readonly flags: EngineFlags<V>;
  readonly args: Table["verbs"][V]["minArgs"] extends 0 ? readonly string[] : readonly [string, ...string[]];
}

export type AnyEngineCall<V extends EngineVerb = EngineVerb> = { [One in V]: EngineCall<One> }[V];
