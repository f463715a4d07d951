import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { awaitPlan } from "../../src/apply/carry-out.ts";
import type { DeviceRules } from "../../src/cgroup/device-rules.ts";
import { compileDeviceProgram } from "../../src/cgroup/v2/device-program.ts";
import { buildUpdatePlan } from "../../src/plan/build-update.ts";
import { missingRuntime } from "../helpers/runtime-under-test.ts";

const FROM = { implied: "config-linux.md#allowed-device-list" } as const;
const ALL: DeviceRules = { allowByDefault: true, from: FROM, rules: [] };
const NONE: DeviceRules = { allowByDefault: false, from: FROM, rules: [] };

const hierarchy = cgroup2Directory();
const skip = skipReason() ?? false;

test("cgroup.device_program takes the place of the one before", { skip }, async () => {
  const path = join(hierarchy ?? "", `mdr-test-${process.pid}`);
  mkdirSync(path);
  try {
    assert.equal(canReadZero(path), true);
    await attach(path, NONE);
    assert.equal(canReadZero(path), false);
    await attach(path, ALL);
    assert.equal(canReadZero(path), true);
    await attach(path, NONE);
    assert.equal(canReadZero(path), false);
  } finally {
    rmdirSync(path);
  }
});

async function attach(path: string, rules: DeviceRules): Promise<void> {
  const write = { kind: "deviceProgram", path, program: compileDeviceProgram(rules), from: FROM } as const;
  await awaitPlan(buildUpdatePlan("test", [write]), { preserveFds: 0 });
}

/** Whether a process of the cgroup can open /dev/zero. */
function canReadZero(path: string): boolean {
  // Redirections of the shell itself: its own process is the one that has moved.
  const script = 'echo 0 > "$1/cgroup.procs" && exec 3< /dev/zero';
  return spawnSync("sh", ["-c", script, "sh", path], { stdio: "ignore" }).status === 0;
}

function cgroup2Directory(): string | undefined {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.find((line) => line.includes(" - cgroup2 "))?.split(" ")[4];
}

function skipReason(): string | undefined {
  if (process.geteuid?.() !== 0) return "needs root";
  return hierarchy === undefined ? "needs cgroup2" : missingRuntime();
}
