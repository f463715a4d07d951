import assert from "node:assert/strict";
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { newObjectId } from "../../src/engine/base/object-id.ts";
import { cgroupMounts } from "../../src/engine/container/cgroup-mounts.ts";
import type { HostFinding } from "../../src/runtime/index.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { EngineUser } from "../helpers/engine-user.ts";
import { needsRoot } from "../helpers/needs.ts";
import { NEEDS_ORDINARY_USER } from "../helpers/ordinary-user.ts";
import type { ProgramResult } from "../helpers/run-program.ts";

engineTest("doctor tells the storage driver, what cannot be read, and what system recover then clears", async (box) => {
  const whole = outcome(await box.call(["doctor", "--format", "json"]));
  const driver = await box.ok("info", "--format", "{{.Driver}}");
  assert.ok(whole.get("storage driver")?.seen.startsWith(`${driver} on `));
  assert.match(whole.get("state")?.seen ?? "", new RegExp(`^${join(box.directory, "root")}: `));
  assert.equal(whole.get("records")?.status, "ok");
  assert.equal(whole.get("leftovers")?.status, "ok");

  const containers = join(box.directory, "root/containers");
  const [unfinished, unreadable] = ["a".repeat(64), "b".repeat(64)];
  for (const id of [unfinished, unreadable]) mkdirSync(join(containers, id), { recursive: true });
  const session = "c".repeat(64);
  mkdirSync(join(box.directory, "run/exec", session), { recursive: true });
  writeFileSync(join(box.directory, "run/exec", session, "lock"), "");
  const cgroup = join(findCgroup(), "mydocker", newObjectId());
  mkdirSync(cgroup, { recursive: true });
  writeFileSync(join(containers, unreadable, "config.json"), "{");
  const broken = outcome(await box.call(["doctor", "--format", "json"]));
  assert.match(broken.get("records")?.seen ?? "", new RegExp(unreadable));
  assert.equal(
    broken.get("leftovers")?.seen,
    `were never finished: ${unfinished.slice(0, 12)}; programs of exec without their monitor: ${session.slice(0, 12)}`,
  );
  // Others' may be beside it.
  assert.match(broken.get("cgroups")?.seen ?? "", /^empty, and of no container of this --root: \S+[0-9a-f]{64}/);
  rmdirSync(cgroup);

  rmSync(join(containers, unreadable), { recursive: true });
  await box.ok("system", "recover");
  const mended = outcome(await box.call(["doctor", "--format", "json"]));
  assert.deepEqual([mended.get("records")?.status, mended.get("leftovers")?.status], ["ok", "ok"]);
});

const SKIP = [needsRoot, ...NEEDS_ORDINARY_USER].map((need) => need()).find((reason) => reason !== undefined) ?? false;

it("doctor of an ordinary user tells of the user outside of its namespace, and of storage inside", {
  skip: SKIP,
}, async () => {
  const user = new EngineUser();
  try {
    const findings = outcome(await user.call(["doctor", "--format", "json"]));
    assert.match(findings.get("caller")?.seen ?? "", /^mdr-test-user .*in user namespaces$/);
    assert.equal(findings.get("user ids")?.seen, 'no subordinate ones for "mdr-test-user"');
    const driver = await user.ok("info", "--format", "{{.Driver}}");
    assert.ok(findings.get("storage driver")?.seen.startsWith(`${driver} on `));
    assert.ok(findings.has("way out"));
  } finally {
    await user.close();
  }
});

/** A hierarchy of the host's. */
function findCgroup(): string {
  return [...cgroupMounts().values()][0] ?? assert.fail("no cgroups");
}

function outcome({ status, stdout, stderr }: ProgramResult): ReadonlyMap<string, HostFinding> {
  assert.deepEqual([status, stderr], [0, ""]);
  const { facts } = JSON.parse(stdout) as { facts: readonly HostFinding[] };
  return new Map(facts.map((finding) => [finding.name, finding]));
}
