/** What mydocker tells of what it does: plans, explanations, traces, times; and what it keeps, or ends, for who asks. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { killMonitor } from "../helpers/engine-monitor.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { installedPeers } from "../helpers/peers.ts";

const ALONE = ["--network", "none"] as const;

engineTest(
  "run --plan and --explain tell what the flags do, and leave nothing; so do plan and explain by name",
  async (box) => {
    const flags = [
      "-m",
      "64m",
      "--cap-drop",
      "KILL",
      "-v",
      "/tmp:/data:ro",
      "-e",
      "bird=123",
      ...ALONE,
      "base",
      "sleep",
      "1000",
    ];
    const plan = await box.ok("run", "--plan", ...flags);
    assert.match(
      plan,
      /memory\.limit_in_bytes = 67108864 +← \/linux\/resources\/memory\/limit$|memory\.max = 67108864/m,
    );
    assert.match(plan, /exec +sleep 1000 +← \/process\/args$/m);
    const explanation = await box.ok("create", "--explain", ...flags);
    assert.match(
      explanation,
      /^--memory\n {2}\+ \/linux\/resources\/memory: .*67108864.*\n {6}step \d+, parent: cgroup\.write .*67108864$/m,
    );
    assert.match(explanation, /^--cap-drop\n {2}- \/process\/capabilities\/bounding\/\d+: "CAP_KILL"$/m);
    assert.match(
      explanation,
      /^--volume or --mount, \/data\n {2}\+ .*"source":"\/tmp".*\n( {6}step .*\n)* {6}step \d+, init: mount\.attach \/tmp → \/data ro/m,
    );
    assert.match(explanation, /^--env\n {2}\+ \/process\/env\/\d+: "bird=123"$/m);
    assert.match(await box.ok("create", "--explain", "base"), /^the image\n {2}. \/process\/args\/0: .*"sh"$/m);
    assert.match(explanation, /^the command\n {2}. \/process\/args\/0: .*"sleep"$/m);
    assert.equal(await box.ok("ps", "-aq"), "");
    assert.deepEqual(readdirSync(join(box.directory, "run/containers")), []);
    assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(box.directory));
    await box.ok("run", "-d", "--name", "one", ...flags);
    assert.match(await box.ok("plan", "one"), /exec +sleep 1000 +← \/process\/args$/m);
    const words = (text: string) => text.replaceAll(/[0-9a-f]{12,64}/g, "ID").replaceAll(/step \d+/g, "step");
    assert.equal(words(await box.ok("explain", "one")), words(explanation));
    assert.match(await box.ok("validate", "one"), /: 0 errors/);
    // Nothing was taken from the one that runs.
    assert.match(await box.ok("exec", "one", "cat", "/etc/hosts"), /localhost/);
  },
);

engineTest("diff with two containers tells what is different between their configs", async (box) => {
  await box.ok("create", "--name", "one", "-m", "64m", "-e", "A=1", ...ALONE, "base", "true");
  await box.ok("create", "--name", "two", "-m", "65m", "-e", "A=2", "--read-only", ...ALONE, "base", "true");
  const lines = (await box.ok("diff", "one", "two")).split("\n");
  for (const line of [
    '~ /process/env/3: "A=1" → "A=2"',
    "~ /root/readonly: false → true",
    "~ /linux/resources/memory/limit: 67108864 → 68157440",
  ]) {
    assert.ok(lines.includes(line), `${line} is not among ${lines.join("\n")}`);
  }
  assert.equal(
    lines.some((line) => /args|namespaces|seccomp|maskedPaths/.test(line)),
    false,
  );
});

engineTest(
  "--trace tells each step that was carried out, as the plan has it, and where a start failed",
  async (box) => {
    const run = await box.call(["run", "--rm", "--trace", ...ALONE, "base", "echo", "this only"]);
    assert.deepEqual([run.status, run.stdout], [0, "this only\n"]);
    const told = run.stderr.trimEnd().split("\n");
    assert.match(told[0] ?? "", /^ +\d+\.\d{3} ms +\d+\.\d{3} ms +1 parent +journal\.open /);
    for (const step of [/parent +cgroup\.mkdir /, /parent +child\.clone /, /init +mount\.fs /, /init +root\.pivot/]) {
      assert.ok(
        told.some((line) => step.test(line)),
        `no ${step} in ${run.stderr}`,
      );
    }
    const failed = await box.call(["run", "--rm", "--trace", ...ALONE, "base", "nosuch"]);
    assert.equal(failed.status, 127);
    assert.match(failed.stderr, /init +mount\.fs/);
    assert.doesNotMatch(failed.stderr, /exec +nosuch/);
    for (const { path } of installedPeers().slice(0, 1)) {
      const refused = await box.call(["run", "--rm", "--trace", "--runtime", path, ...ALONE, "base", "true"]);
      assert.equal(refused.status, 125);
      assert.match(refused.stderr, /Cannot trace the steps of .*: only mydocker-runtime tells them/);
    }
  },
);

engineTest("--time tells the phases on stderr, of run, create and start", async (box) => {
  const phases = /^( +\d+\.\d\d ms {2}.+\n)+ +\d+\.\d\d ms {2}all of it\n$/;
  const run = await box.call(["run", "--rm", "--time", ...ALONE, "base", "echo", "this only"]);
  assert.equal(run.stdout, "this only\n");
  assert.match(run.stderr, phases);
  assert.match(run.stderr, /have the runtime start it\n.*its command ran\n.*clear up after it\n/);
  assert.match((await box.call(["create", "--time", "--name", "one", ...ALONE, "base", "true"])).stderr, phases);
  assert.match((await box.call(["start", "--time", "one"])).stderr, phases);
});

engineTest("--keep-on-failure keeps what a start has made until rm, which takes all of it", async (box) => {
  const failed = await box.call([
    "run",
    "--rm",
    "--keep-on-failure",
    "--name",
    "one",
    "--tmpfs",
    "/t",
    ...ALONE,
    "base",
    "nosuch",
  ]);
  assert.equal(failed.status, 127);
  const [, bundle = "", rootfs = ""] = /kept .*: bundle (\S+), root filesystem (\S+), log/.exec(failed.stderr) ?? [];
  assert.deepEqual(JSON.parse(readFileSync(join(bundle, "config.json"), "utf8")).process.args, ["nosuch"]);
  assert.ok(existsSync(join(rootfs, "bin")), `${rootfs} is not mounted`);
  assert.match((await box.call(["validate", "one"])).stdout, /"nosuch" is no program of the root filesystem/);
  assert.match(await box.ok("ps", "-a"), /Created .* one/);
  await box.ok("rm", "one");
  assert.equal(existsSync(bundle), false);
  assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(box.directory));
});

engineTest(
  "--timeout kills a container when its time is over, detached and after its monitor was killed too",
  async (box) => {
    assert.equal((await box.call(["run", "--rm", "--timeout", "1", ...ALONE, "base", "sleep", "1000"])).status, 255);
    assert.equal(
      (await box.call(["run", "--rm", "--timeout", "1000", ...ALONE, "base", "sh", "-c", "exit 3"])).status,
      3,
    );
    assert.equal((await box.call(["run", "--timeout", "-1", ...ALONE, "base", "true"])).status, 125);
    const id = await box.ok("run", "-d", "--name", "one", "--timeout", "2", ...ALONE, "base", "sleep", "1000");
    await killMonitor(box, id);
    await box.ok("ps");
    assert.equal(await box.ok("wait", "one"), "255");
    assert.equal(await box.inspect("one", "{{.Config.Timeout}} {{.State.Status}} {{.State.ExitCode}}"), "2 exited 255");
  },
);
