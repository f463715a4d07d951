import { it } from "node:test";
import { EngineBox } from "./engine-box.ts";
import { type Need, needsRoot } from "./needs.ts";
import { TIME_SCALE } from "./time-scale.ts";

/** Declares a test that has a `mydocker` of its own. */
export function engineTest(name: string, body: (box: EngineBox) => Promise<void>, needs: readonly Need[] = []): void {
  const skip = [needsRoot, ...needs].map((need) => need()).find((reason) => reason !== undefined) ?? false;
  it(name, { skip, timeout: 300_000 * TIME_SCALE }, async () => {
    const box = await EngineBox.create();
    try {
      await body(box);
    } finally {
      await box.close();
    }
  });
}
