import assert from "node:assert/strict";
import { it } from "node:test";
import type { SpecRef } from "../../src/base/spec-ref.ts";
import { type Need, needsOurs, needsRoot } from "../helpers/needs.ts";
import { missingRuntime, RUNTIME } from "../helpers/runtime-under-test.ts";
import { TestBox } from "../helpers/test-box.ts";
import { type Level, type Requirement, titleOf } from "./title.ts";

/** What a row of the table of requirements says beside its number. */
interface Row {
  readonly id: Requirement["id"];
  /** In our own words: what the spec says. */
  readonly says: string;
  readonly level?: Level;
  /** The version of the spec that it came with; absent for 1.0. */
  readonly since?: Requirement["since"];
}

interface Options {
  readonly needs?: readonly Need[];
}

type Body = (box: TestBox) => Promise<void>;

const TIMEOUT_MS = 60_000;

/**
 * Declares rows of the table of requirements (docs/conformance.md), all of one section of the spec, and the one test that
 * proves them, on a real container. It looks at what the spec says and at nothing else, since it runs on other runtimes
 * as well; their leftovers are no matter of these tests.
 */
export function requirement(at: SpecRef, row: Row | readonly Row[], body: Body, { needs = [] }: Options = {}): void {
  let outcome: Promise<void> | undefined;
  for (const { id, says, level = "MUST", since } of [row].flat()) {
    const skip = skipReason(needs) ?? false;
    it(titleOf({ id, says, level, at, since }), { skip, timeout: TIMEOUT_MS }, async () => {
      // One test may prove several rows, and is carried out once.
      outcome ??= inBox(body);
      await outcome;
    });
  }
}

/** As requirement, for what cannot be seen from outside on every host: the test looks at this program's own plans. */
export function plannedRequirement(at: SpecRef, row: Row | readonly Row[], body: () => void): void {
  requirement(at, row, async () => body(), { needs: [needsOurs] });
}

async function inBox(body: Body): Promise<void> {
  const box = new TestBox();
  try {
    await body(box);
  } catch (error) {
    // The first failure is the one to show.
    await box.close().catch(() => {});
    throw error;
  }
  if (RUNTIME.name === "ours") await box.close();
  else await box.close().catch(() => {});
}

function skipReason(needs: readonly Need[]): string | undefined {
  const missing = missingRuntime();
  if (missing !== undefined) return missing;
  for (const need of [needsRoot, ...needs]) {
    const reason = need();
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** `create` or `start` of the box's config fails: where the spec wants an error, it does not say at which of the two. */
export async function assertRefused(box: TestBox): Promise<void> {
  const created = await box.create();
  if (created.status !== 0) {
    assert.notEqual(created.stderr, "");
    return;
  }
  const started = await box.runtime(["start", box.id]);
  assert.notEqual(started.status, 0, "the config was accepted");
}

/** The box's config with one property taken out is refused. */
export async function assertRequired(box: TestBox, from: object, property: string): Promise<void> {
  assert.ok(Object.hasOwn(from, property), `the config has ${property}`);
  Reflect.deleteProperty(from, property);
  await assertRefused(box);
}
