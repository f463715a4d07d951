import { it } from "node:test";
import { type Need, needsRoot } from "./needs.ts";
import type { PeerName } from "./peers.ts";
import { missingRuntime, RUNTIME } from "./runtime-under-test.ts";
import { TestBox } from "./test-box.ts";
import { TIME_SCALE } from "./time-scale.ts";

export interface ContainerTestOptions {
  readonly needs?: readonly Need[];
  /** What another runtime is known to do differently: the test is skipped there, with this reason. */
  readonly peerDeviations?: Readonly<Partial<Record<PeerName, string>>>;
}

const TIMEOUT_MS = 300_000 * TIME_SCALE;

/** Declares a test on a real container: it gets a box of its own, and whatever it leaves on the host fails it. */
export function containerTest(
  name: string,
  body: (box: TestBox) => Promise<void>,
  options: ContainerTestOptions = {},
): void {
  it(name, { skip: skipReason(options) ?? false, timeout: TIMEOUT_MS }, async () => {
    const box = new TestBox();
    try {
      await body(box);
    } catch (error) {
      // The first failure is the one to show.
      await box.close().catch(() => {});
      throw error;
    }
    await box.close();
  });
}

function skipReason({ needs = [], peerDeviations = {} }: ContainerTestOptions): string | undefined {
  const missing = missingRuntime();
  if (missing !== undefined) return missing;
  for (const need of [needsRoot, ...needs]) {
    const reason = need();
    if (reason !== undefined) return reason;
  }
  const deviation = RUNTIME.name === "ours" ? undefined : peerDeviations[RUNTIME.name];
  return deviation === undefined ? undefined : `${RUNTIME.name} deviates: ${deviation}`;
}
