import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cliTableOf } from "../../../src/cli/cli-table.ts";
import { describeProgram } from "../../../src/cli/describe-program.ts";
import { CLI_TABLE } from "../../../src/cli/flags.gen.ts";
import { generateCliTable, generateEngineTable } from "../../../src/tools/generate-cli-table.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { SAMPLE_TABLE } from "./sample-program.ts";

test("flags.gen.ts says what the commander definitions say", () => {
  assert.deepEqual(CLI_TABLE, cliTableOf(describeProgram()));
});

test("flags.gen.ts is what generate-cli-table writes", () => {
  assert.equal(readFileSync(join(PROJECT_ROOT, "src/cli/flags.gen.ts"), "utf8"), generateCliTable());
});

test("the engine's flags.gen.ts is what generate-cli-table writes", () => {
  assert.equal(readFileSync(join(PROJECT_ROOT, "src/engine/cli/flags.gen.ts"), "utf8"), generateEngineTable());
});

test("cliTableOf keeps every kind of flag and argument", () => {
  assert.deepEqual(SAMPLE_TABLE.verbs, {
    exec: {
      minArgs: 1,
      maxArgs: null,
      passThrough: true,
      flags: { env: { type: "list", short: "e" }, cwd: { type: "string" }, tty: { type: "boolean", short: "t" } },
    },
    mix: {
      minArgs: 1,
      maxArgs: 2,
      passThrough: false,
      flags: {
        "no-colour": { type: "boolean", short: "n" },
        count: { type: "number", short: "c", default: 0 },
        shade: { type: "string", short: "s", choices: ["light", "dark"], default: "dark" },
        mode: { type: "string", choices: ["a", "b"] },
        label: { type: "list", short: "l" },
        rootless: { type: "boolean" },
      },
    },
  });
});
