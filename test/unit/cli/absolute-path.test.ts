import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { absolutePath } from "../../../src/cli/absolute-path.ts";

test("absolutePath agrees with node:path on every path", () => {
  const name = fc.constantFrom("a", "b.c", ".", "..", "", "...", " ");
  const path = fc.array(name, { maxLength: 8 }).map((names) => names.join("/"));
  fc.assert(
    fc.property(path, path, fc.boolean(), (directory, tail, isAbsolute) => {
      const given = isAbsolute ? `/${tail}` : tail;
      assert.equal(absolutePath(`/${directory}`, given), resolve(`/${directory}`, given));
    }),
  );
});
