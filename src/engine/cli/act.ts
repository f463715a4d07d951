import type { ActResult } from "../../cli/act.ts";
import type { Host } from "../../cli/host.ts";
import type { AnyEngineCall, EngineGlobals, EngineVerb } from "./call.ts";

/** What a command acts with. */
export interface EngineSurroundings {
  readonly host: Host;
  readonly globals: EngineGlobals;
  /** Writes to the standard output, as it is. */
  readonly print: (text: string) => void;
  /** Writes a line to stderr that is no failure. */
  readonly warn: (message: string) => void;
  /** Tells a failure that does not end the command: the next object may go well. */
  readonly fail: (thrown: unknown) => void;
}

/** Carries out one parsed command line. Gives the exit status, 0 for void; a failure is thrown. */
export type EngineAct<V extends EngineVerb> = (
  call: AnyEngineCall<V>,
  at: EngineSurroundings,
) => ActResult | Promise<ActResult>;

/** A command is evaluated only when it is called: a bundle keeps these imports lazy. */
export type ActLoader<V extends EngineVerb> = () => Promise<{ readonly act: EngineAct<V> }>;
