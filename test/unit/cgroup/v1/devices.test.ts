import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Problem } from "../../../../src/base/problem.ts";
import type { CgroupWrite } from "../../../../src/cgroup/cgroup-plan.ts";
import { deviceRules } from "../../../../src/cgroup/device-rules.ts";
import { deviceListOf } from "../../../../src/cgroup/v1/device-list.ts";
import { changeDevicesV1, compileDevicesV1, deviceProblemsV1 } from "../../../../src/cgroup/v1/devices.ts";
import type { DeviceRule as DeviceRuleConfig } from "../../../../src/config/types.gen.ts";
import { ALL_REQUESTS, arbitraryDevices, isAllowed } from "../device-model.ts";
import { DeviceCgroupModel } from "./device-cgroup-model.ts";

const TARGET = { directory: "/cg/devices/demo", ancestors: [] };

function written(devices: readonly DeviceRuleConfig[] | undefined): readonly string[] {
  return compileDevicesV1(deviceListOf(deviceRules(devices)), TARGET).map(describe);
}

function problemsOf(devices: readonly DeviceRuleConfig[]): readonly Problem[] {
  return deviceProblemsV1(deviceListOf(deviceRules(devices)), devices);
}

function describe(write: CgroupWrite): string {
  assert.equal(write.kind, "write");
  return write.kind === "write" ? `${write.path.slice("/cg/devices/demo/devices.".length)} ${write.value}` : "";
}

test("compileDevicesV1 denies all and then allows the exceptions", () => {
  assert.deepEqual(written([{ allow: false }, { allow: true, type: "c", major: 10, minor: 229, access: "rw" }]), [
    "deny a",
    "allow c 10:229 rw",
    "allow c *:* m",
    "allow b *:* m",
    "allow c 1:3 rwm",
    "allow c 1:5 rwm",
    "allow c 1:7 rwm",
    "allow c 1:8 rwm",
    "allow c 1:9 rwm",
    "allow c 5:0 rwm",
    "allow c 5:1 rwm",
    "allow c 5:2 rwm",
    "allow c 136:* rwm",
  ]);
});

test("compileDevicesV1 writes nothing that a new cgroup has anyway when everything is allowed", () => {
  assert.deepEqual(written([{ allow: true }]), []);
  assert.deepEqual(written([{ allow: true }, { allow: false, type: "b", major: 8, access: "rw" }]), ["deny b 8:* rw"]);
});

test("compileDevicesV1 leaves out what a wider rule says as well", () => {
  const list = written([{ allow: true, type: "c", access: "rwm" }]);
  assert.deepEqual(list, ["deny a", "allow c *:* rwm", "allow b *:* m"]);
});

test("compileDevicesV1 gives the origin of every entry", () => {
  const list = deviceListOf(deviceRules([{ allow: false }, { allow: true, type: "b", major: 7 }]));
  const [deny, user, implied] = compileDevicesV1(list, TARGET);
  assert.deepEqual(deny?.from, { config: "/linux/resources/devices/0" });
  assert.deepEqual(user?.from, { config: "/linux/resources/devices/1" });
  assert.deepEqual(implied?.from, { implied: "config-linux.md#allowed-device-list" });
});

test("deviceProblemsV1 refuses a part of a wildcard, which the kernel would ignore", () => {
  const problems = problemsOf([
    { allow: false },
    { allow: true, type: "c", major: 10, access: "rw" },
    { allow: false, type: "c", major: 10, minor: 229, access: "w" },
  ]);
  assert.deepEqual(
    problems.map(({ code, pointer }) => [code, pointer]),
    [["DEVICE_RULE_HOLE", "/linux/resources/devices/2"]],
  );
});

test("deviceProblemsV1 blames the list's rule when an implied device would be the hole", () => {
  const problems = problemsOf([{ allow: true }, { allow: false, type: "c", major: 1, access: "rw" }]);
  assert.deepEqual([...new Set(problems.map(({ pointer }) => pointer))], ["/linux/resources/devices/1"]);
});

test("compileDevicesV1 makes the kernel answer as the definition does, for any list without problems", () => {
  fc.assert(
    fc.property(arbitraryDevices, (devices) => {
      fc.pre(problemsOf(devices).length === 0);
      const rules = deviceRules(devices);
      const kernel = new DeviceCgroupModel();
      for (const line of written(devices)) kernel.write(line);
      for (const request of ALL_REQUESTS) {
        assert.equal(kernel.isAllowed(request), isAllowed(rules, request), JSON.stringify(request));
      }
    }),
    { numRuns: 200 },
  );
});

test("changeDevicesV1 keeps all access to a device that two rules give parts of", () => {
  const kernel = new DeviceCgroupModel();
  for (const line of written([])) kernel.write(line);
  const devices = [{ allow: false }, { allow: false, major: 1, minor: 3, access: "w" }, { allow: true, access: "w" }];
  for (const write of changeDevicesV1(kernel.list(), deviceListOf(deviceRules(devices)), TARGET)) {
    kernel.write(describe(write));
  }
  assert.match(kernel.list(), /^c 1:3 rwm$/m);
});

test("changeDevicesV1 leads from any list to any other, and takes nothing away that both allow", () => {
  fc.assert(
    fc.property(arbitraryDevices, arbitraryDevices, (before, after) => {
      fc.pre(problemsOf(before).length === 0 && problemsOf(after).length === 0);
      const kernel = new DeviceCgroupModel();
      for (const line of written(before)) kernel.write(line);
      const [old, wanted] = [deviceRules(before), deviceRules(after)];
      const changes = changeDevicesV1(kernel.list(), deviceListOf(wanted), TARGET).map(describe);
      const isStepwise = !changes.some((line) => line.endsWith(" a"));
      const kept = ALL_REQUESTS.filter((request) => isAllowed(old, request) && isAllowed(wanted, request));
      for (const line of changes) {
        kernel.write(line);
        if (isStepwise)
          assert.ok(
            kept.every((request) => kernel.isAllowed(request)),
            line,
          );
      }
      for (const request of ALL_REQUESTS) {
        assert.equal(kernel.isAllowed(request), isAllowed(wanted, request), JSON.stringify(request));
      }
    }),
    { numRuns: 100 },
  );
});
