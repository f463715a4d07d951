import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { pointerTo } from "../../../src/base/json-pointer.ts";
import { JsonSyntaxError, type ScannedValue, scanJson } from "../../../src/config/json-scanner.ts";
import { locateIn, positionAt } from "../../../src/config/locate.ts";

const TEXT = `{
  "process": {"args": ["sh",
    "-c"], "cwd": "/" },
  "a/b": {"~": null},
  "twice": 1, "twice": 22
}
`;

describe("locateIn", () => {
  const locate = locateIn(TEXT);

  for (const [pointer, start, end, exact] of [
    ["", "1:1", "6:2", true],
    ["/process", "2:3", "3:24", true],
    ["/process/args", "2:15", "3:10", true],
    ["/process/args/1", "3:5", "3:9", true],
    ["/process/cwd", "3:12", "3:22", true],
    ["/a~1b/~0", "4:11", "4:20", true],
    ["/twice", "5:15", "5:26", true],
    ["/process/user/uid", "2:3", "3:24", false],
    ["/mounts/3", "1:1", "6:2", false],
  ] as const) {
    it(`finds ${exact ? "" : "what is around "}${pointer || "the whole text"} at ${start}`, () => {
      const found = locate(pointer);
      assert.deepEqual(
        [`${found.start.line}:${found.start.column}`, `${found.end.line}:${found.end.column}`],
        [start, end],
      );
      assert.equal(found.exact, exact);
    });
  }
});

describe("positionAt", () => {
  it("counts lines and columns from 1, up to behind the last character", () => {
    assert.deepEqual(positionAt("ab\ncd", 0), { line: 1, column: 1 });
    assert.deepEqual(positionAt("ab\ncd", 2), { line: 1, column: 3 });
    assert.deepEqual(positionAt("ab\ncd", 3), { line: 2, column: 1 });
    assert.deepEqual(positionAt("ab\ncd", 5), { line: 2, column: 3 });
  });
});

describe("scanJson", () => {
  it("reports every value with the text that it was read from", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const seen: ScannedValue[] = [];
        scanJson(text, (found) => seen.push(found));
        for (const { path, start, end, key } of seen) {
          let expected: unknown = JSON.parse(text);
          for (const token of path)
            expected = Object.entries(Object(expected)).find(([name]) => name === String(token))?.[1];
          assert.deepEqual(JSON.parse(text.slice(start, end)), expected, pointerTo("", ...path));
          if (key !== undefined) assert.equal(JSON.parse(text.slice(key.start, key.end)), path.at(-1));
        }
      }),
    );
  });

  it("refuses exactly the texts that JSON.parse refuses", () => {
    const character = fc.constantFrom(...'{}[]:,"\\/-+.0123456789eEtrufalsn \t\n\r\u0000\u007f\u2028bx');
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      drop: fc.nat(2),
      put: fc.array(character, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.json(), fc.array(edit, { minLength: 1, maxLength: 3 }), (json, edits) => {
        const text = edits.reduce((before, { at, drop, put }) => {
          const offset = Math.floor(at * (before.length + 1));
          return before.slice(0, offset) + put.join("") + before.slice(offset + drop);
        }, json);
        assert.equal(
          isRead(text, JSON.parse),
          isRead(text, (it) => scanJson(it, () => {})),
          text,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

function isRead(text: string, read: (text: string) => void): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    assert.ok(error instanceof SyntaxError || error instanceof JsonSyntaxError);
    return false;
  }
}
