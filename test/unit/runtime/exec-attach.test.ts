import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commonDirectory } from "../../../src/runtime/exec-attach.ts";

describe("commonDirectory", () => {
  const cases: readonly (readonly [one: string, other: string, common: string])[] = [
    ["/cg/a/b", "/cg/a/c", "/cg/a"],
    ["/cg/a/b", "/cg/a/bc", "/cg/a"],
    ["/cg/a", "/cg/a/b", "/cg/a"],
    ["/cg/a/b", "/cg/a", "/cg/a"],
    ["/cg/a", "/cg/a", "/cg/a"],
  ];
  for (const [one, other, common] of cases) {
    it(`is ${common} for ${one} and ${other}`, () => assert.equal(commonDirectory(one, other), common));
  }
});
