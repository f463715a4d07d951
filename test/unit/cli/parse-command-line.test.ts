import assert from "node:assert/strict";
import { test } from "node:test";
import { describeProgram } from "../../../src/cli/describe-program.ts";
import { type Parsed, parseCommandLine } from "../../../src/cli/parse-command-line.ts";
import { makeSampleProgram } from "./sample-program.ts";

const HELP_OF = (verb: string) => `see "mydocker-runtime ${verb}--help"`;

for (const [line, message, verb] of [
  ["create", 'create: missing required argument "container-id"', "create "],
  ["create c1 c2", 'create: too many arguments for "create": expected 1 argument but got 2', "create "],
  ["create --bundel /b c1", 'create: unknown option "--bundel" (did you mean "--bundle"?)', "create "],
  ["create c1 --bundle", "create: flag needs an argument: --bundle", "create "],
  ["create c1 -b", "create: flag needs an argument: --bundle", "create "],
  [
    "create --preserve-fds x c1",
    'create: option "--preserve-fds <n>" argument "x" is invalid: it must be a decimal number of at most nine digits',
    "create ",
  ],
  [
    "list -f xml",
    'list: option "-f, --format <format>" argument "xml" is invalid: allowed choices are table, json',
    "list ",
  ],
  ["crate c1", 'unknown command "crate" (did you mean "create"?)', ""],
  ["crate --help", 'unknown command "crate" (did you mean "create"?)', ""],
  ["help crate", 'unknown command "crate" (did you mean "create"?)', ""],
  ["--rot /x list", 'unknown option "--rot" (did you mean "--root"?)', ""],
  ["--log", "flag needs an argument: --log", ""],
] as const) {
  test(`"${line}" is refused`, () => {
    const parsed = parseCommandLine(line.split(" "), "");
    assert.equal(parsed.outcome, "refusal");
    const { error } = parsed as Extract<Parsed, { outcome: "refusal" }>; // checked by the line above
    assert.deepEqual([error.message, error.details.fix], [message, HELP_OF(verb)]);
  });
}

test("a refusal gives the global flags that were read, before the verb and behind it", () => {
  for (const line of ["--log /l --debug create --nonsense", "--log /x create --log /l --debug --nonsense"]) {
    const parsed = parseCommandLine(line.split(" "), "");
    assert.equal(parsed.outcome, "refusal");
    const { globals } = parsed as Extract<Parsed, { outcome: "refusal" }>; // checked by the line above
    assert.deepEqual([globals.log, globals.debug, globals["log-format"]], ["/l", true, "text"]);
  }
});

test("one-letter flags may be run together, and a value may stand right behind its letter", () => {
  const call = (line: string) => {
    const parsed = parseCommandLine(line.split(" "), "", makeSampleProgram);
    return parsed.outcome === "call" ? [parsed.call.flags, parsed.call.args] : parsed;
  };
  assert.deepEqual(call("mix -nc3 -slight a"), call("mix --no-colour --count 3 --shade light a"));
});

test("every verb that people use has a help with a summary, its flags and the global flags", () => {
  for (const { name, summary, flags, hidden } of describeProgram().verbs) {
    const parsed = parseCommandLine([name, "--help"], "");
    assert.equal(parsed.outcome, "text");
    const { text } = parsed as Extract<Parsed, { outcome: "text" }>; // checked by the line above
    for (const flag of flags) assert.ok(text.includes(`--${flag.name}`), `${name}: ${flag.name}`);
    assert.match(text, /Global flags:\n +--root <dir>/);
    const help = parseCommandLine(["--help"], "");
    assert.equal(help.outcome === "text" && help.text.includes(`  ${name} `), !hidden);
    assert.ok(summary.length > 0 && /^[a-z].*[^.]$/.test(summary), `${name}: ${summary}`);
  }
});

test("no line of a help is wider than 100 columns", () => {
  for (const verb of ["", ...describeProgram().verbs.map(({ name }) => name)]) {
    const parsed = parseCommandLine([verb, "--help"].filter(Boolean), "");
    const lines = parsed.outcome === "text" ? parsed.text.split("\n") : [];
    assert.ok(lines.length > 1);
    assert.deepEqual(
      lines.filter((line) => line.length > 100),
      [],
    );
  }
});

test("--version prints the text that it is given, with one newline", () => {
  assert.deepEqual(parseCommandLine(["--version"], "a\nb\n"), { outcome: "text", text: "a\nb\n", status: 0 });
});
