import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { readImports } from "../../../src/tools/read-imports.ts";

const SOURCE = `import "./effect.ts";
import { a } from "../base/errors.ts";
import type { B } from "node:fs";
import {
  type C,
  d,
} from './parts/d.ts';
export { e } from "../linux/errno.ts";
export type { F } from "./f.ts";
export const text = 'import { no } from "nowhere"';
const late = await import("../sys/late.ts");
`;

it("readImports finds every form of import, and no text that looks like one", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "mydocker-imports-"));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "plan"));
  writeFileSync(join(directory, "plan/build.ts"), SOURCE);
  const found = readImports(directory).map(({ from, to, isTypeOnly }) => `${from} ${to}${isTypeOnly ? " type" : ""}`);
  assert.deepEqual(found, [
    "plan/build.ts plan/effect.ts",
    "plan/build.ts base/errors.ts",
    "plan/build.ts node:fs type",
    "plan/build.ts plan/parts/d.ts",
    "plan/build.ts linux/errno.ts",
    "plan/build.ts plan/f.ts type",
    "plan/build.ts sys/late.ts",
  ]);
});
