import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const OURS: ContainerTestOptions = { needs: [needsOurs] };

containerTest(
  "--trace tells each step that was carried out, once, and trace prints them as plan does",
  async (box) => {
    const file = box.path("steps");
    assertSuccess(await box.run(["--trace", file]));
    assert.deepEqual(await tracedSteps(box, file), await plannedSteps(box));
    const events = JSON.parse((await box.runtime(["trace", "--format", "chrome", file])).stdout);
    assert.equal(events.length, (await plannedSteps(box)).length);
    assert.ok(events.every(({ ts, dur }: { ts: number; dur: number }) => ts >= 0 && dur >= 0));
  },
  OURS,
);

containerTest(
  "--trace of a start that fails ends where it failed; what it has not begun is not told",
  async (box) => {
    const file = box.path("steps");
    box.config.process.args = ["/nosuch"];
    const failed = await box.run(["--trace", file]);
    assert.notEqual(failed.status, 0);
    const steps = await tracedSteps(box, file);
    assert.ok(steps.some((line) => /init +mount\.fs/.test(line)));
    assert.equal(
      steps.some((line) => /init +(exec|exec\.find) /.test(line)),
      false,
    );
  },
  OURS,
);

containerTest(
  "--trace asks nothing of the kernel under the container's system call filter, and trace of no file says so",
  async (box) => {
    const file = box.path("steps");
    const syscalls = [{ names: ["clock_gettime"], action: "SCMP_ACT_KILL" as const }];
    box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls };
    assertSuccess(await box.run(["--trace", file]));
    assert.ok((await tracedSteps(box, file)).some((line) => /init +mount\.fs/.test(line)));
    const missing = await box.runtime(["trace", box.path("other")]);
    assert.notEqual(missing.status, 0);
    assert.match(missing.stderr, /it does not exist/);
  },
  OURS,
);

containerTest(
  "diff tells what is different between two bundles by what it means",
  async (box) => {
    box.writeConfig();
    const same = await box.runtime(["diff", box.bundle, box.bundle]);
    assert.deepEqual([same.status, same.stdout], [0, ""]);
    const other = box.path("other");
    assertSuccess(await box.program(["cp", "-r", box.bundle, other]));
    const config = JSON.parse(readFileSync(`${other}/config.json`, "utf8"));
    config.hostname = "elsewhere";
    config.mounts.reverse();
    writeFileSync(`${other}/config.json`, JSON.stringify(config));
    assert.match((await box.runtime(["diff", box.bundle, other])).stdout, /^[~+] \/hostname: .*"elsewhere"\n$/);
  },
  OURS,
);

async function tracedSteps(box: TestBox, file: string): Promise<readonly string[]> {
  const result = await box.runtime(["trace", file]);
  assertSuccess(result);
  const lines = result.stdout.trimEnd().split("\n");
  return lines.map((line) => line.replace(/^( *[\d.]+ ms){2} +/, "")).sort();
}

async function plannedSteps(box: TestBox): Promise<readonly string[]> {
  const result = await box.runtime(["plan", "--bundle", box.bundle, box.id]);
  assertSuccess(result);
  const lines = result.stdout.trimEnd().split("\n");
  return lines.map((line) => line.trimStart()).sort();
}
