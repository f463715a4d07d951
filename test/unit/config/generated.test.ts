import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { PATTERNS } from "../../../src/config/schema-findings.ts";
import { generateConfigTypes } from "../../../src/tools/generate-config-types.ts";
import { generateConfigShape, generateValidator } from "../../../src/tools/generate-validators.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

describe("the generated files of src/config", () => {
  for (const [name, generate] of [
    ["types.gen.ts", generateConfigTypes],
    ["validate-schema.gen.ts", generateValidator],
    ["config-shape.gen.ts", generateConfigShape],
  ] as const) {
    it(`${name} is what schema/ gives`, async () => {
      const text = readFileSync(`${PROJECT_ROOT}/src/config/${name}`, "utf8");
      assert.equal(text, await generate(), "run the generator that the file names at its top");
    });
  }

  it("validate-schema.gen.ts needs nothing of ajv", () => {
    const imports = [...generateValidator().matchAll(/\bfrom "([^"]+)"|require\(/g)].map(([, from]) => from);
    assert.deepEqual(imports, ["./schema-runtime.ts"]);
  });

  it("validate-schema.gen.ts has a text for every pattern", () => {
    const patterns = [...generateValidator().matchAll(/new RegExp\((".*?"), "u"\)/g)].map(([, text]) =>
      JSON.parse(text ?? ""),
    );
    assert.deepEqual(new Set(patterns), new Set(Object.keys(PATTERNS)));
  });
});
