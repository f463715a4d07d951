/** The original knew cgroup v1 alone. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { engineTest } from "../helpers/engine-test.ts";
import { needsCgroupV2 } from "../helpers/needs.ts";
import { UNIFIED } from "../helpers/unified.ts";

engineTest(
  "a container's limits are those of cgroup v2, also its pause, and its cgroup goes with it",
  async (box) => {
    const limits = ["-m", "64m", "--memory-swap", "64m", "-cpushare", "512", "-cpuset", "0"];
    const script = "read line; head -c 200m /dev/zero | tail -n 1";
    const running = ["run", "-d", "-i", "--name", "bird", ...limits, "--network", "none", "base", "sh", "-c", script];
    const cgroup = join(UNIFIED, "mydocker", await box.ok(...running));
    const read = (name: string) => readFileSync(join(cgroup, name), "utf8").trim();
    assert.deepEqual(["memory.max", "cpu.weight", "cpuset.cpus"].map(read), [String(64 << 20), "59", "0"]);
    await box.ok("pause", "bird");
    assert.match(read("cgroup.events"), /^frozen 1$/m);
    await box.ok("unpause", "bird");
    await box.call(["attach", "bird"], { stdin: "go on\n" });
    assert.equal(await box.inspect("bird", "{{.State.OOMKilled}} {{.State.ExitCode}}"), "true 137");
    assert.equal(existsSync(cgroup), false);
  },
  [needsCgroupV2("memory")],
);
