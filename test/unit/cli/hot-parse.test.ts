import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CliTable, FlagSpec, FlagTable } from "../../../src/cli/flag-table.ts";
import { CLI_TABLE } from "../../../src/cli/flags.gen.ts";
import { hotParse } from "../../../src/cli/hot-parse.ts";
import { type MakeProgram, parseCommandLine } from "../../../src/cli/parse-command-line.ts";
import { buildProgram } from "../../../src/cli/program.ts";
import { makeSampleProgram, SAMPLE_TABLE } from "./sample-program.ts";

const DEFAULT_GLOBALS = {
  "log-format": "text",
  "log-level": "warning",
  debug: false,
  "systemd-cgroup": false,
  "cgroup-manager": "cgroupfs",
  rootless: "auto",
};

test("hotParse reads the line that containerd's shim sends for create", () => {
  const line =
    "--root /run/containerd/runc/default --log /b/log.json --log-format json --systemd-cgroup create --bundle /b " +
    "--pid-file /b/init.pid --console-socket /tmp/pty.sock c1";
  assert.deepEqual(hotParse(line.split(" "), CLI_TABLE), {
    verb: "create",
    globals: {
      ...DEFAULT_GLOBALS,
      root: "/run/containerd/runc/default",
      log: "/b/log.json",
      "log-format": "json",
      "systemd-cgroup": true,
    },
    flags: {
      bundle: "/b",
      "pid-file": "/b/init.pid",
      "console-socket": "/tmp/pty.sock",
      "no-pivot": false,
      "no-new-keyring": false,
      "preserve-fds": 0,
    },
    args: ["c1"],
  });
});

test("hotParse reads the line that conmon sends for create", () => {
  const line = "--log-format=json --log /c/oci-log create --bundle /b --pid-file /c/pidfile --preserve-fds 3 c1";
  const call = hotParse(line.split(" "), CLI_TABLE);
  assert.deepEqual(call?.globals, { ...DEFAULT_GLOBALS, log: "/c/oci-log", "log-format": "json" });
  assert.deepEqual(call?.flags["preserve-fds"], 3);
});

test("hotParse takes the verb's flag when a global flag has the same name", () => {
  const call = hotParse(["spec", "--rootless"], CLI_TABLE);
  assert.deepEqual([call?.flags, call?.globals], [{ rootless: true }, DEFAULT_GLOBALS]);
});

for (const line of [
  "",
  "--help",
  "--version",
  "create --help c1",
  "nonsense c1",
  "toString",
  "help create",
  "create",
  "create c1 c2",
  "create --bundle",
  "create --constructor c1",
  "create --nonsense c1",
  "create --bund /b c1",
  "create --preserve-fds 1.5 c1",
  "create --preserve-fds -1 c1",
  "create --no-pivot=true c1",
  "list --format xml",
  "list -qfjson",
  "list -fjson",
  "-- list",
  "--log-format yaml list",
  "kill c1 -9",
]) {
  test(`hotParse leaves "${line}" to commander`, () => {
    assert.equal(hotParse(line === "" ? [] : line.split(" "), CLI_TABLE), undefined);
  });
}

const RUNS = { numRuns: 3000 };

for (const [name, table, makeProgram] of [
  ["the program", CLI_TABLE, buildProgram],
  ["a program with every kind of flag", SAMPLE_TABLE, makeSampleProgram],
] as const satisfies readonly (readonly [string, CliTable, MakeProgram])[]) {
  test(`hotParse parses every well-formed line of ${name} as commander does`, () => {
    fc.assert(
      fc.property(wellFormedLine(table), (line) => {
        const parsed = parseCommandLine(line, "", makeProgram);
        assert.deepEqual({ outcome: "call", call: hotParse(line, table) }, parsed);
      }),
      RUNS,
    );
  });

  test(`hotParse agrees with commander on every other line of ${name} that it takes`, () => {
    fc.assert(
      fc.property(anyLine(table), (line) => {
        const call = hotParse(line, table);
        if (call !== undefined) assert.deepEqual(parseCommandLine(line, "", makeProgram), { outcome: "call", call });
      }),
      RUNS,
    );
  });
}

/** Global flags, a verb, its flags and arguments in any order, with and without "=" and "--". */
function wellFormedLine(table: CliTable): fc.Arbitrary<string[]> {
  return fc.constantFrom(...Object.entries(table.verbs)).chain(([verb, { minArgs, maxArgs, passThrough, flags }]) => {
    const hidden = Object.keys(flags);
    const globals = Object.fromEntries(Object.entries(table.globals).filter(([name]) => !hidden.includes(name)));
    const arg = fc.oneof(fc.constantFrom("c1", "", "-", "a=b", "create"), fc.string().filter(isArgument));
    const args = fc.array(arg, { minLength: minArgs, maxLength: maxArgs ?? 4 });
    const before = flagWords(table.globals);
    const after = flagWords({ ...globals, ...flags });
    return fc
      .tuple(before, after, args, fc.boolean(), fc.infiniteStream(fc.nat(5)))
      .map(([first, own, rest, dashes, mix]) => [
        ...first.flat(),
        verb,
        ...(dashes ? [...own.flat(), "--", ...rest] : passThrough ? [...own.flat(), ...rest] : mixed(own, rest, mix)),
      ]);
  });
}

function isArgument(text: string): boolean {
  return !text.startsWith("-");
}

/** The arguments in their order, with the flags strewn among them. */
function mixed(flags: readonly string[][], args: readonly string[], random: fc.Stream<number>): string[] {
  const result = args.map((arg) => [arg]);
  for (const [at, flag] of flags.entries()) result.splice([...random.take(1)][0] ?? at, 0, flag);
  return result.flat();
}

function flagWords(flags: FlagTable): fc.Arbitrary<string[][]> {
  const entries = Object.entries(flags);
  if (entries.length === 0) return fc.constant([]);
  return fc.array(
    fc.constantFrom(...entries).chain(([name, spec]) => oneFlag(name, spec)),
    { maxLength: 5 },
  );
}

function oneFlag(name: string, spec: FlagSpec): fc.Arbitrary<string[]> {
  const spellings = spec.short === undefined ? [`--${name}`] : [`--${name}`, `-${spec.short}`];
  if (spec.type === "boolean") return fc.constantFrom(...spellings).map((spelling) => [spelling]);
  return fc
    .tuple(fc.constantFrom(...spellings), flagValue(spec), fc.boolean())
    .map(([spelling, value, joined]) =>
      joined && spelling.startsWith("--") ? [`${spelling}=${value}`] : [spelling, value],
    );
}

function flagValue(spec: FlagSpec): fc.Arbitrary<string> {
  if (spec.choices !== undefined) return fc.constantFrom(...spec.choices);
  if (spec.type === "number") return fc.nat(999_999_999).map(String);
  return fc.oneof(fc.string(), fc.constantFrom("-x", "--", "--bundle", "", "a=b", "-"));
}

/** Words that mean something to the parser, in no sensible order. */
function anyLine(table: CliTable): fc.Arbitrary<string[]> {
  const names = [table.globals, ...Object.values(table.verbs).map(({ flags }) => flags)].flatMap((flags) =>
    Object.entries(flags).flatMap(([name, { short }]) => [`--${name}`, `--${name}=1`, `-${short ?? "q"}`]),
  );
  const odd = ["--", "-", "", "-9", "-h", "--help", "--version", "json", "true", "12", "c1", "__proto__", "-ab"];
  const word = fc.constantFrom(...Object.keys(table.verbs), ...names, ...odd);
  return fc
    .tuple(fc.constantFrom(...Object.keys(table.verbs)), fc.array(word, { maxLength: 6 }))
    .chain(([verb, words]) => fc.nat(words.length).map((at) => words.toSpliced(at, 0, verb)));
}
