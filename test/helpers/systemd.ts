import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { assertSuccess, type TestBox } from "./test-box.ts";
import { TIME_SCALE } from "./time-scale.ts";

const GONE_MS = 3_000 * TIME_SCALE;
const POLL_MS = 50;

/** Properties of a unit, by their names. */
export async function unitProperties(
  box: TestBox,
  unit: string,
  ...names: readonly string[]
): Promise<Readonly<Record<string, string>>> {
  const result = await box.program(["systemctl", "show", unit, ...names.map((name) => `--property=${name}`)]);
  assertSuccess(result);
  const lines = result.stdout.trim().split("\n");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

/** Waits until systemd knows no unit with the box's id any more, a failed one neither. */
export async function assertNoUnits(box: TestBox, argv: readonly string[] = ["systemctl"]): Promise<void> {
  const deadline = Date.now() + GONE_MS;
  for (;;) {
    const result = await box.program([...argv, "list-units", "--all", "--plain", "--no-legend", `*${box.id}*`]);
    assertSuccess(result);
    if (result.stdout.trim() === "") return;
    assert.ok(Date.now() < deadline, `left over: ${result.stdout}`);
    await delay(POLL_MS);
  }
}
