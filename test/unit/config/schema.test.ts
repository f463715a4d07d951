import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import { RuntimeError } from "../../../src/base/errors.ts";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { validate } from "../../../src/config/validate-schema.gen.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { officialSchemas } from "./official-schema.ts";

const official = officialSchemas();

const SCHEMAS = readdirSync(`${PROJECT_ROOT}/schema`).map((name) => ({
  name,
  schema: JSON.parse(readFileSync(`${PROJECT_ROOT}/schema/${name}`, "utf8")),
}));

/** The schemas as they are, without the generators in between. */
function plainAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  for (const { schema } of SCHEMAS) ajv.addSchema(schema);
  return ajv;
}

describe("the schemas", () => {
  for (const { name, schema } of SCHEMAS) {
    it(`${name} is a valid draft-07 schema`, () => assert.ok(plainAjv().validateSchema(schema)));

    it(`${name} describes every property`, () => {
      const silent = [...propertiesOf(schema)].filter(([, property]) => !isDescribed(property));
      assert.deepEqual(
        silent.map(([property]) => property),
        [],
      );
    });
  }
});

describe("the examples of the spec", { skip: official.missing }, () => {
  for (const { name, text } of official.examples("config/good")) {
    it(`config ${name} is good`, () => {
      assert.equal(validate(parseConfig(text)), true);
      assert.equal(plainAjv().validate("config.schema.json", JSON.parse(text)), true);
    });
  }

  for (const { name, text } of official.examples("config/bad")) {
    it(`config ${name} is bad`, () => {
      if (name === "invalid-json.json") assert.throws(() => parseConfig(text), RuntimeError);
      else assert.equal(validate(parseConfig(text)), false);
    });
  }

  for (const kind of ["features", "state"]) {
    for (const { name, text } of official.examples(`${kind}/good`)) {
      it(`${kind} ${name} is good`, () => assert.ok(plainAjv().validate(`${kind}.schema.json`, JSON.parse(text))));
    }
    for (const { name, text } of official.examples(`${kind}/bad`)) {
      it(`${kind} ${name} is bad`, () => {
        if (name === "invalid-json.json") assert.throws(() => JSON.parse(text), SyntaxError);
        else assert.equal(plainAjv().validate(`${kind}.schema.json`, JSON.parse(text)), false);
      });
    }
  }
});

describe("state.schema.json", () => {
  const state = { ociVersion: "1.3.0", id: "a", status: "running", bundle: "/b" };

  it("asks for the pid of a container that has a process", () => {
    assert.equal(plainAjv().validate("state.schema.json", state), false);
    assert.equal(plainAjv().validate("state.schema.json", { ...state, pid: 7 }), true);
    assert.equal(plainAjv().validate("state.schema.json", { ...state, status: "stopped" }), true);
  });
});

interface Described {
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

/** A property that is a $ref alone has the description of what it refers to. */
function isDescribed({ description, $ref }: Described): boolean {
  return description === undefined ? $ref !== undefined : description.endsWith(".");
}

function* propertiesOf(value: unknown): Generator<readonly [string, Described]> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === "properties") yield* Object.entries<Described>(member);
    if (name !== "if") yield* propertiesOf(member);
  }
}
