import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RuntimeError } from "../../../src/base/errors.ts";
import { ConfigError } from "../../../src/base/problem.ts";
import { formatConfig } from "../../../src/config/default-config.ts";
import { nullMemberWarnings, withoutNullMembers } from "../../../src/config/null-members.ts";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { validateConfig } from "../../../src/config/validate-config.ts";

/** Texts that are no JSON, and what is said about them. */
const BROKEN: readonly (readonly [text: string, message: string])[] = [
  ["", "line 1, column 1: expected a value"],
  ["{]", "line 1, column 2: expected a member's name in double quotes"],
  ['{\n  "a": 1,\n}', "line 3, column 1: expected a member's name in double quotes"],
  ['{"a" 1}', 'line 1, column 6: expected ":"'],
  ['{"a": 1 "b": 2}', 'line 1, column 9: expected "," or "}"'],
  ["[1 2]", 'line 1, column 4: expected "," or "]"'],
  ["[1,]", "line 1, column 4: expected a value"],
  ["{} {}", "line 1, column 4: expected the end of the text"],
  ['["a\nb"]', "line 1, column 4: a control character in a string must be escaped"],
  ['["\\x41"]', "line 1, column 3: unknown escape in a string"],
  ['["a', "line 1, column 4: expected the string's closing quote"],
  ["[01]", 'line 1, column 3: expected "," or "]"'],
  ["[nul]", "line 1, column 2: expected a value"],
  ["\uFEFF{}", "line 1, column 1: expected a value"],
  ["[".repeat(200_000), "line 1, column 1002: nested deeper than 1000 levels"],
  [`${"[".repeat(3_000)}${"]".repeat(3_000)}`, "line 1, column 1002: nested deeper than 1000 levels"],
  [`${'{"a":'.repeat(1_001)}{}${"}".repeat(1_001)}`, "line 1, column 5006: nested deeper than 1000 levels"],
];

describe("parseConfig", () => {
  it("leaves out members that are null, which nullMemberWarnings tells", () => {
    const text = '{"linux":{"timeOffsets":null,"a/b":[null,{"c":null,"d":1}]},"hooks":null}';
    assert.deepEqual(parseConfig(text), { linux: { "a/b": [null, { d: 1 }] } });
    assert.deepEqual(
      nullMemberWarnings(text).map(({ pointer, severity }) => [pointer, severity]),
      ["/linux/timeOffsets", "/linux/a~1b/1/c", "/hooks"].map((pointer) => [pointer, "warning"]),
    );
  });

  for (const [text, message] of BROKEN) {
    it(`says where ${JSON.stringify(text.slice(0, 20))} is no JSON`, () => {
      assert.throws(
        () => parseConfig(text),
        (error) => {
          assert.ok(error instanceof RuntimeError);
          assert.equal(error.code, "ERR_CONFIG_SYNTAX");
          assert.equal(error.message, `Cannot parse the config: ${message}`);
          return true;
        },
      );
    });
  }

  it("reads what JSON.parse reads, but for integers beyond 2^53 and members that are null", () => {
    const rounded = (value: unknown): string =>
      JSON.stringify(value, (_name, member) => (typeof member === "bigint" ? Number(member) : member));
    fc.assert(
      fc.property(fc.json(), (text) => {
        const read = withoutNullMembers(JSON.parse(text)).value;
        if (!text.includes("\\u0000")) assert.equal(rounded(parseConfig(text)), rounded(read));
      }),
    );
  });

  it("takes what is nested as deep as that", () => {
    assert.doesNotThrow(() => parseConfig(`${"[".repeat(1_000)}1${"]".repeat(1_000)}`));
  });

  it("keeps an integer that a double cannot hold, and nothing else, as a bigint", () => {
    const text = `{"a": 18446744073709551615, "b": [-9223372036854775808, 9007199254740991, 9007199254740993],
      "c": 12345678901234567.5, "d": 1234567890123456789e2, "e": "9223372036854775807", "f": 0.12345678901234567890,
      "g\\"": 1E12345678901234567890, "h": 1e-12345678901234567890}`;
    assert.deepEqual(parseConfig(text), {
      a: 18446744073709551615n,
      b: [-9223372036854775808n, 9007199254740991, 9007199254740993n],
      c: 12345678901234568,
      d: 123456789012345680000,
      e: "9223372036854775807",
      f: 0.12345678901234568,
      'g"': Number.POSITIVE_INFINITY,
      h: 0,
    });
  });

  it("reads back what formatConfig wrote, whatever the integer", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (limit) => {
        const hard = limit > BigInt(Number.MAX_SAFE_INTEGER) ? limit : Number(limit);
        const rlimits = [{ type: "RLIMIT_CORE", soft: 0, hard }];
        const value = { ociVersion: "1.0.0", root: { path: "r" }, process: { cwd: "/", args: ["sh"], rlimits } };
        const { config } = validateConfig(value);
        assert.deepEqual(parseConfig(formatConfig(config)), value);
      }),
    );
  });

  it("refuses strings with NUL, each with its place", () => {
    assert.throws(
      () => parseConfig('{"a/b": ["x", "y\\u0000z"], "\\u0000": {"c": "\\\\u0000"}}'),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(
          error.problems.map(({ code, pointer }) => [code, pointer]),
          [
            ["STRING_WITH_NUL", "/a~1b/1"],
            ["STRING_WITH_NUL", ""],
          ],
        );
        return true;
      },
    );
  });

  it("takes a backslash in front of u0000 for what it is", () => {
    assert.deepEqual(parseConfig('["\\\\u0000"]'), ["\\u0000"]);
  });
});
