import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isOneEditApart, nearestName } from "../../../src/config/nearest-name.ts";

const NAMES = ["limit", "reservation", "swap", "kernel", "kernelTCP", "swappiness"];

describe("nearestName", () => {
  for (const [written, expected] of [
    ["limt", "limit"],
    ["Limit", "limit"],
    ["lmiit", "limit"],
    ["kerneltcp", "kernelTCP"],
    ["resevration", "reservation"],
    ["swapiness", "swappiness"],
    ["swp", "swap"],
    ["x", undefined],
    ["quota", undefined],
    ["", undefined],
  ] as const) {
    it(`takes ${JSON.stringify(written)} for ${expected ?? "nothing"}`, () => {
      assert.equal(nearestName(written, NAMES), expected);
    });
  }
});

describe("isOneEditApart", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });

  it("holds after one letter was put in, taken out, changed or swapped", () => {
    for (const other of ["abcd", "bc", "axc", "bac", "acb", "xabc", "abcx"])
      assert.ok(isOneEditApart("abc", other), other);
    for (const other of ["abc", "cba", "bca", "abcde", "a", "axx"]) assert.ok(!isOneEditApart("abc", other), other);
  });

  it("does not depend on the order", () => {
    fc.assert(
      fc.property(letters, letters, (one, other) =>
        assert.equal(isOneEditApart(one, other), isOneEditApart(other, one)),
      ),
    );
  });

  it("holds for exactly what one edit can make", () => {
    fc.assert(
      fc.property(letters, letters, (one, other) => assert.equal(isOneEditApart(one, other), editsOf(one).has(other))),
      { numRuns: 2000 },
    );
  });
});

/** Every other text that one edit makes of a text of a, b and c. */
function editsOf(text: string): ReadonlySet<string> {
  const made = new Set<string>();
  for (let at = 0; at <= text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at)];
    made.add(before + after.slice(1));
    made.add(before + after.slice(1, 2) + after.slice(0, 1) + after.slice(2));
    for (const letter of "abc") made.add(before + letter + after).add(before + letter + after.slice(1));
  }
  made.delete(text);
  return made;
}
