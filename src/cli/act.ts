import type { RuntimeContext } from "../runtime/index.ts";
import type { AnyCall, Verb } from "./call.ts";
import type { RuntimeApi } from "./runtime-api.ts";

/** What a verb acts with. */
export interface Surroundings {
  readonly runtime: RuntimeApi;
  readonly context: RuntimeContext;
  /** The current directory, which relative paths on the command line start from. */
  readonly cwd: string;
  /** Writes to the standard output. */
  readonly print: (text: string) => void;
}

/** Turns a parsed line into a call of the runtime. Gives the exit status, 0 for void; a failure is thrown. */
export type Act<V extends Verb> = (call: AnyCall<V>, at: Surroundings) => ActResult | Promise<ActResult>;

/** The exit status where it is the container's. */
// biome-ignore lint/suspicious/noConfusingVoidType: an act that ends well has nothing to say
export type ActResult = number | void;
