import { PhaseClock } from "../base/phase-clock.ts";
import type { EngineContext } from "../container/engine-context.ts";
import type { EngineSurroundings } from "./act.ts";
import { engineContext } from "./engine-context.ts";

/** The context of a command, and with --time the clock that its phases are noted with. */
export function timedContext(
  at: EngineSurroundings,
  isTimed: boolean,
): { readonly context: EngineContext; readonly clock: PhaseClock | undefined } {
  const context = engineContext(at);
  if (!isTimed) return { context, clock: undefined };
  const clock = new PhaseClock();
  return { context: { ...context, endPhase: clock.end }, clock };
}
