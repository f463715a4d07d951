import assert from "node:assert/strict";
import { test } from "node:test";
import { CLI_TABLE } from "../../../src/cli/flags.gen.ts";
import { normalizeArgv } from "../../../src/cli/normalize-argv.ts";
import { SAMPLE_TABLE } from "./sample-program.ts";

const CASES: readonly (readonly [given: string, normal: string])[] = [
  ["run -no-subreaper -bundle /b c1", "run --no-subreaper --bundle /b c1"],
  ["run -bundle=/b c1", "run --bundle=/b c1"],
  ["run -b=/b c1", "run --bundle=/b c1"],
  ["run --b /b -detach c1", "run --bundle /b --detach c1"],
  ["-root /r -debug state c1", "--root /r --debug state c1"],
  ["delete --force=true c1", "delete --force c1"],
  ["delete -f=1 c1", "delete --force c1"],
  ["delete --force=false c1", "delete c1"],
  ["delete --force=yes c1", "delete --force=yes c1"],
  ["--rootless=true run -d c1", "--rootless=true run --detach c1"],
  ["spec --rootless=true", "spec --rootless"],
  ["run --bundle -detach -d=t c1", "run --bundle -detach --detach c1"],
  ["kill c1 -15", "kill c1 -15"],
  ["run -nonsense c1", "run -nonsense c1"],
  ["list -fjson -q=true", "list -fjson --quiet"],
  ["kill -all -- -all", "kill --all -- -all"],
  ["-h", "-h"],
  ["", ""],
];

for (const [given, normal] of CASES) {
  test(`normalizeArgv turns "${given}" into "${normal}"`, () => {
    assert.deepEqual(normalizeArgv(given.split(" "), CLI_TABLE), normal.split(" "));
  });
}

test("normalizeArgv leaves everything behind the first argument alone when the verb passes it through", () => {
  const argv = ["exec", "-tty", "c1", "ls", "-all", "-tty", "--env=true"];
  assert.deepEqual(normalizeArgv(argv, SAMPLE_TABLE), ["exec", "--tty", ...argv.slice(2)]);
});
