import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { Features, LinuxFeatures } from "../../src/runtime/features.ts";
import type { Need } from "../helpers/needs.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";
import type { TestBox } from "../helpers/test-box.ts";

type Listed<Value> = { readonly [Name in keyof Value]?: Value[Name] };

/** What `features` prints, for whoever runs it as callers do: without any flag, and with an eye on both streams. */
export async function featuresOf(box: TestBox): Promise<Features> {
  const [runtime = ""] = box.argv([]);
  const { status, stdout, stderr } = await box.program([runtime, "features"]);
  assert.equal(status, 0, `${stderr}${stdout}`);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

/** The part about Linux, which other runtimes need not fill in. */
export async function linuxFeaturesOf(box: TestBox): Promise<Listed<LinuxFeatures>> {
  return (await featuresOf(box)).linux;
}

/** What is listed; nothing is unknown of this project's own runtime. */
export function listed(values: readonly string[] | undefined): readonly string[] {
  if (RUNTIME.name === "ours") assert.ok(values !== undefined && values.length > 0);
  return values ?? [];
}

/** The structure is no duty of a runtime, but what it says is. */
export const needsFeatures: Need = () => {
  if (RUNTIME.name === "ours") return undefined;
  return spawnSync(RUNTIME.path, ["features"]).status === 0 ? undefined : `${RUNTIME.name} has no features structure`;
};
