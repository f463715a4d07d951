import assert from "node:assert/strict";
import { constants } from "node:os";
import { describe, it } from "node:test";
import { parseSignal } from "../../../src/linux/signals.ts";

const CASES: readonly (readonly [string, number | undefined])[] = [
  ["TERM", 15],
  ["SIGTERM", 15],
  ["sigterm", 15],
  ["SigKill", 9],
  ["15", 15],
  ["64", 64],
  ["SIGPOLL", 29],
  ["CLD", 17],
  ["RTMIN", 34],
  ["SIGRTMIN+3", 37],
  ["rtmin+30", 64],
  ["RTMAX", 64],
  ["RTMAX-30", 34],
  ["RTMIN+31", undefined],
  ["RTMIN-1", undefined],
  ["RTMAX+1", undefined],
  ["RTMAX-31", undefined],
  ["RTMIN+", undefined],
  ["0", undefined],
  ["65", undefined],
  ["-9", undefined],
  ["9.0", undefined],
  ["0x9", undefined],
  [" 9", undefined],
  ["", undefined],
  ["SIG", undefined],
  ["SIGSIGTERM", undefined],
  ["TOSTRING", undefined],
  ["__proto__", undefined],
];

describe("parseSignal", () => {
  for (const [text, expected] of CASES) {
    it(`reads ${JSON.stringify(text)} as ${expected ?? "no signal"}`, () => {
      assert.equal(parseSignal(text), expected);
    });
  }

  it("agrees with the operating system about every standard signal", () => {
    for (const [name, number] of Object.entries(constants.signals)) assert.equal(parseSignal(name), number);
  });
});
