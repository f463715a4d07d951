import assert from "node:assert/strict";
import { test } from "node:test";
import { failureStatus } from "../../../src/cli/exit-code.ts";

test("failureStatus is 255 for exec, whose lower statuses are its process's, and 1 for every other verb", () => {
  assert.equal(failureStatus("exec"), 255);
  for (const verb of ["create", "run", "start", "delete", "state"]) assert.equal(failureStatus(verb), 1);
});
