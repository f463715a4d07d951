import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deviceRules, READ } from "../../../../src/cgroup/device-rules.ts";
import { compileDeviceProgram } from "../../../../src/cgroup/v2/device-program.ts";
import type { DeviceRequest } from "../device-model.ts";
import { ALL_REQUESTS, arbitraryDevices, isAllowed } from "../device-model.ts";
import { checkReachable, runDeviceProgram } from "./bpf-simulator.ts";

test("compileDeviceProgram is the prologue and one verdict when nothing is listed", () => {
  const program = compileDeviceProgram({ allowByDefault: false, from: { flag: "" }, rules: [] });
  assert.equal(program.length / 16, 8);
  assert.ok(program.endsWith("b7000000000000009500000000000000"));
});

test("compileDeviceProgram answers as the definition does, for any list and request", () => {
  fc.assert(
    fc.property(arbitraryDevices, (devices) => {
      const rules = deviceRules(devices);
      const program = compileDeviceProgram(rules);
      checkReachable(program);
      for (const request of ALL_REQUESTS) {
        assert.equal(runDeviceProgram(program, request), isAllowed(rules, request), JSON.stringify(request));
      }
    }),
    { numRuns: 60 },
  );
});

test("compileDeviceProgram never matches a number that no device can have", () => {
  const rules = deviceRules([{ allow: true, type: "c", major: 0xffff_ffff, minor: 3, access: "r" }]);
  const request: DeviceRequest = { type: "c", major: 4095, minor: 3, access: READ };
  assert.equal(runDeviceProgram(compileDeviceProgram(rules), request), false);
});
