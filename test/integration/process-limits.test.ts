import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { needsCapability, needsNoNode } from "../helpers/needs.ts";
import { parseReports, succeeded } from "../helpers/probe.ts";
import { parseProcStatus } from "../helpers/proc-status.ts";
import { assertSuccess } from "../helpers/test-box.ts";

containerTest("process.rlimits sets soft and hard limits", async (box) => {
  box.config.process.rlimits = [
    { type: "RLIMIT_NOFILE", soft: 512, hard: 1000 },
    { type: "RLIMIT_CORE", soft: 0, hard: 0 },
    { type: "RLIMIT_STACK", soft: 4_194_304, hard: 8_388_608 },
    { type: "RLIMIT_FSIZE", soft: 1_000_000_000_000, hard: 2_000_000_000_000 },
  ];
  const [limits] = await box.look(["rlimits"]);
  for (const { type, soft, hard } of box.config.process.rlimits) assert.deepEqual(limits[type], [soft, hard], type);
});

containerTest("process.rlimits are set before the process gives up its privileges, every time", async (box) => {
  box.config.process.user = { uid: 1000, gid: 1000 };
  for (let runs = 0; runs < 15; runs++) {
    const [limits] = await box.look(["rlimits"]);
    assert.deepEqual(limits.RLIMIT_NOFILE, [1024, 1024]);
  }
});

containerTest("process.rlimits knows infinity", async (box) => {
  box.config.process.rlimits = [];
  box.setCommands(["rlimits"]);
  box.writeConfig();
  const file = join(box.bundle, "config.json");
  const infinity = '"rlimits": [{"type": "RLIMIT_CPU", "soft": 1000000, "hard": 18446744073709551615}]';
  // No double holds this number.
  writeFileSync(file, readFileSync(file, "utf8").replace('"rlimits": []', infinity));
  const result = await box.runtime(["run", "--bundle", box.bundle, box.id]);
  assertSuccess(result);
  const [limits] = box.reports(result.stdout, ["rlimits"]);
  assert.deepEqual(limits.RLIMIT_CPU, [1_000_000, -1]);
});

containerTest(
  "limits that the config does not name stay as the caller has them",
  async (box) => {
    delete box.config.process.rlimits;
    box.setCommands(["rlimits"]);
    box.writeConfig();
    const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
    const result = await box.program(["sh", "-c", 'ulimit -S -n 333; ulimit -S -s 7000; exec "$@"', "sh", ...argv]);
    const [limits] = box.reports(result.stdout, ["rlimits"]);
    assert.equal(limits.RLIMIT_NOFILE?.[0], 333);
    assert.equal(limits.RLIMIT_STACK?.[0], 7000 * 1024);
  },
  {
    needs: [needsNoNode("raises its own soft RLIMIT_NOFILE and hands that on")],
    peerDeviations: { runc: "raises its own soft RLIMIT_NOFILE and hands that on" },
  },
);

containerTest(
  "a limit that is set twice is refused",
  async (box) => {
    box.config.process.rlimits = [
      { type: "RLIMIT_NOFILE", soft: 512, hard: 1000 },
      { type: "RLIMIT_NOFILE", soft: 513, hard: 1000 },
    ];
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /RLIMIT_NOFILE/);
  },
  { peerDeviations: { runc: "takes the last", crun: "takes the last" } },
);

containerTest("an unknown limit is refused", async (box) => {
  box.config.process.rlimits = [{ type: "RLIMIT_NOSUCH", soft: 1, hard: 1 }];
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /NOSUCH/);
});

for (const noNewPrivileges of [true, false]) {
  containerTest(`process.noNewPrivileges ${noNewPrivileges} is so`, async (box) => {
    box.config.process.noNewPrivileges = noNewPrivileges;
    const [status] = await box.look(["cat", "/proc/self/status"]);
    assert.equal(parseProcStatus(succeeded(status)).NoNewPrivs, noNewPrivileges ? "1" : "0");
  });
}

containerTest("process.oomScoreAdj is set", async (box) => {
  box.config.process.oomScoreAdj = 321;
  const [adjustment] = await box.look(["cat", "/proc/self/oom_score_adj"]);
  assert.equal(adjustment, "321\n");
});

containerTest(
  "process.oomScoreAdj may be negative",
  async (box) => {
    box.config.process.oomScoreAdj = -500;
    const [adjustment] = await box.look(["cat", "/proc/self/oom_score_adj"]);
    assert.equal(adjustment, "-500\n");
  },
  { needs: [needsCapability("CAP_SYS_RESOURCE", 24)] },
);

containerTest("the caller's oom_score_adj stays without process.oomScoreAdj", async (box) => {
  box.setCommands(["cat", "/proc/self/oom_score_adj"]);
  box.writeConfig();
  const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
  const result = await box.program(["sh", "-c", 'echo 77 > /proc/self/oom_score_adj; exec "$@"', "sh", ...argv]);
  assert.deepEqual(parseReports(result.stdout), ["77\n"]);
});
