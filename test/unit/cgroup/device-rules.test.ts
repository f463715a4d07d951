import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceRuleProblems, deviceRules } from "../../../src/cgroup/device-rules.ts";
import { IMPLICIT_DEVICE_ACCESS } from "../../../src/linux/devices.ts";
import { describeRules } from "./device-model.ts";

const IMPLICIT = IMPLICIT_DEVICE_ACCESS.map(({ type, major, minor, access }) => `+${type} ${major}:${minor} ${access}`);

test("deviceRules denies everything but the container's own devices when there is no list", () => {
  const rules = deviceRules(undefined);
  assert.equal(rules.allowByDefault, false);
  assert.deepEqual(describeRules(rules), IMPLICIT);
});

test("deviceRules forgets what comes before a rule for everything", () => {
  const rules = deviceRules([
    { allow: true, type: "c", major: 10, minor: 200, access: "rw" },
    { allow: false },
    { allow: true, type: "b", major: 8, access: "r" },
  ]);
  assert.equal(rules.allowByDefault, false);
  assert.deepEqual(rules.from, { config: "/linux/resources/devices/1" });
  assert.deepEqual(describeRules(rules), ["+b 8:* r", ...IMPLICIT]);
});

test("deviceRules takes an empty list's, a negative number's and an absent member's default", () => {
  const rules = deviceRules([{ allow: true, type: "", major: -1, minor: -1, access: "" }]);
  assert.equal(rules.allowByDefault, true);
});

test("deviceRules splits a rule for both types that is not for everything", () => {
  const rules = deviceRules([{ allow: true, type: "a", major: 7, access: "wr" }]);
  assert.deepEqual(describeRules(rules).slice(0, 2), ["+b 7:* rw", "+c 7:* rw"]);
});

test("deviceRules leaves out of the implied devices what the list denies by the same numbers", () => {
  const rules = describeRules(
    deviceRules([
      { allow: false, type: "c", major: 1, minor: 5 },
      { allow: false, type: "c", major: 1, minor: 8, access: "w" },
      { allow: false, type: "c", major: 5 },
    ]),
  );
  assert.ok(!rules.includes("+c 1:5 rwm"));
  assert.ok(rules.includes("+c 1:8 rm"));
  assert.ok(rules.includes("+c 5:0 rwm"), "a rule for more than the device does not take it away");
});

test("deviceRuleProblems names the member that no kernel understands", () => {
  const problems = deviceRuleProblems([
    { allow: true, type: "p" },
    { allow: true, type: "c", access: "x" },
    { allow: true, type: "c", major: 1.5, minor: 2 ** 32 },
    { allow: true, type: "u", major: 1, minor: 3, access: "rwm" },
    { allow: false, type: "c", major: 1, minor: 11, access: "rwa" },
    { allow: false, type: "c", major: 1, minor: 11, access: "rx" },
    { allow: false, type: "c", major: 1, minor: 11, access: "a" },
  ]);
  assert.deepEqual(
    problems.map(({ code, pointer, severity }) => [code, pointer, severity]),
    [
      ["DEVICE_RULE_TYPE", "/linux/resources/devices/0/type", "error"],
      ["DEVICE_RULE_ACCESS", "/linux/resources/devices/1/access", "error"],
      ["DEVICE_RULE_NUMBER", "/linux/resources/devices/2/major", "error"],
      ["DEVICE_RULE_NUMBER", "/linux/resources/devices/2/minor", "error"],
      ["DEVICE_RULE_ACCESS", "/linux/resources/devices/4/access", "warning"],
      ["DEVICE_RULE_ACCESS", "/linux/resources/devices/5/access", "error"],
      ["DEVICE_RULE_ACCESS", "/linux/resources/devices/6/access", "error"],
    ],
  );
});
