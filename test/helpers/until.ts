import { setTimeout as delay } from "node:timers/promises";
import { TIME_SCALE } from "./time-scale.ts";

const DEADLINE_MS = 90_000 * TIME_SCALE;
const POLL_MS = 50;

/** Waits for what is to come true. Throws an Error that names it where it does not. */
export async function until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + DEADLINE_MS; !(await isTrue()); await delay(POLL_MS)) {
    if (Date.now() > deadline) throw new Error(`timed out: ${what}`);
  }
}
