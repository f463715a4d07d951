import assert from "node:assert/strict";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { listTree } from "../helpers/file-tree.ts";
import { needsOurs } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const OURS: ContainerTestOptions = { needs: [needsOurs] };

containerTest(
  "plan prints a line a step: who, what, and where it comes from",
  async (box) => {
    const lines = (await planned(box)).trimEnd().split("\n");
    assert.ok(lines.length > 20);
    for (const line of lines) assert.match(line, /^\s*\d+ (parent|intermediate|init)\s+\S+.*← (\/|--|implied )/);
    assert.ok(
      lines.some((line) => /init\s+mount\S*\s.*\/proc.*← \/mounts\/0/.test(line)),
      lines.join("\n"),
    );
    assert.ok(lines.some((line) => /← \/process\/args/.test(line)));
  },
  OURS,
);

for (const flags of [
  ["--format", "json"],
  ["-f", "json"],
]) {
  containerTest(
    `plan ${flags.join(" ")} prints the steps for programs`,
    async (box) => {
      const steps = JSON.parse(await planned(box, ...flags));
      const list = Array.isArray(steps) ? steps : steps.steps;
      assert.ok(list.length > 20);
      for (const step of list) assert.ok("at" in step && "op" in step && "from" in step, JSON.stringify(step));
    },
    OURS,
  );
}

containerTest(
  "plan changes nothing",
  async (box) => {
    box.writeConfig();
    const before = listTree(box.directory);
    await planned(box);
    const isOutput = (line: string) => line.startsWith("scratch");
    assert.deepEqual(
      listTree(box.directory).filter((line) => !isOutput(line)),
      before.filter((line) => !isOutput(line)),
    );
    await box.assertNoTraces();
  },
  OURS,
);

containerTest(
  "plan prints the same every time",
  async (box) => {
    assert.equal(await planned(box), await planned(box));
  },
  OURS,
);

containerTest(
  "plan works on what spec writes",
  async (box) => {
    assertSuccess(await box.runtime(["spec", "--bundle", box.bundle]));
    assertSuccess(await box.runtime(["plan", "--bundle", box.bundle]));
  },
  OURS,
);

containerTest(
  "plan names the flag that a step comes from",
  async (box) => {
    assert.match(await planned(box, "--no-pivot"), /← --no-pivot/);
  },
  OURS,
);

containerTest(
  "plan tells the problems of a config as create does",
  async (box) => {
    box.config.process.cwd = "relative";
    box.writeConfig();
    const result = await box.runtime(["plan", "--bundle", box.bundle]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /\/process\/cwd/);
  },
  OURS,
);

async function planned(box: TestBox, ...flags: readonly string[]): Promise<string> {
  box.writeConfig();
  const result = await box.runtime(["plan", "--bundle", box.bundle, ...flags]);
  assertSuccess(result);
  return result.stdout;
}
