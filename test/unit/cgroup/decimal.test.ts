import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../../../src/cgroup/decimal.ts";

test("decimal writes digits only, whatever the size", () => {
  assert.equal(decimal(0), "0");
  assert.equal(decimal(-1), "-1");
  assert.equal(decimal(104_857_600), "104857600");
  assert.equal(decimal(2 ** 70), "1180591620717411303424");
  assert.equal(decimal(9_223_372_036_854_775_807n), "9223372036854775807");
  assert.equal(decimal(0n), "0");
});
