import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

containerTest(
  "list prints a table of the containers",
  async (box) => {
    await box.created();
    const { pid } = await box.state();
    const [header = "", row = "", ...rest] = (await listed(box)).split("\n");
    assert.deepEqual(header.trim().split(/\s+/), ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]);
    assert.deepEqual(row.split(/\s+/).slice(0, 4), [box.id, String(pid), "created", box.bundle]);
    assert.deepEqual(rest, [""]);
  },
  { peerDeviations: { crun: "the header reads NAME and BUNDLE PATH" } },
);

containerTest("list prints a table with a header only where there is no container", async (box) => {
  assert.match(await listed(box), /^(ID|NAME) .*\n$/);
});

for (const flag of ["-q", "--quiet"]) {
  containerTest(`list ${flag} prints ids only`, async (box) => {
    const ids = ["a", "b"].map((suffix) => box.otherId(suffix));
    box.writeConfig();
    for (const id of ids) assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
    assert.deepEqual((await listed(box, flag)).trim().split("\n").sort(), ids);
  });
}

for (const flags of [["-f", "json"], ["--format", "json"], ["--format=json"]]) {
  containerTest(`list ${flags.join(" ")} prints the states`, async (box) => {
    await box.created();
    const { pid } = await box.state();
    const [entry] = JSON.parse(await listed(box, ...flags));
    const expected = { id: box.id, pid, status: "created", bundle: box.bundle, owner: "root" };
    assert.deepEqual({ ...entry, ...expected }, entry);
    assert.ok(!Number.isNaN(Date.parse(entry.created)));
  });
}

containerTest("list -f json prints an empty list where there is no container", async (box) => {
  const value = JSON.parse(await listed(box, "-f", "json"));
  assert.ok(value === null || value.length === 0);
});

containerTest(
  "list shows the others when one container's state cannot be read",
  async (box) => {
    await box.created();
    const broken = join(box.stateRoot, box.otherId("broken"));
    mkdirSync(broken);
    writeFileSync(join(broken, "state.json"), "{");
    const result = await box.runtime(["list", "-f", "json"]);
    assertSuccess(result);
    assert.ok(JSON.parse(result.stdout).some((entry: { id: string }) => entry.id === box.id));
    assert.match(`${result.stdout}${result.stderr}`, /broken/);
  },
  { needs: [needsOurs] },
);

containerTest(
  "list refuses a --root that does not exist",
  async (box) => {
    const { stdout, stderr, status } = await box.runtime(["--root", box.path("missing"), "list"]);
    assert.deepEqual([stdout, status], ["", 1]);
    assert.match(stderr, /missing": it does not exist .*--root/);
  },
  { needs: [needsOurs] },
);

containerTest("list refuses an unknown format", async (box) => {
  const result = await box.runtime(["list", "-f", "yaml"]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /format/);
});

async function listed(box: TestBox, ...flags: readonly string[]): Promise<string> {
  const result = await box.runtime(["list", ...flags]);
  assertSuccess(result);
  return result.stdout;
}
