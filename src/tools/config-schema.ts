import { readFileSync } from "node:fs";
import { PROJECT_ROOT } from "./project-root.ts";

/** A JSON Schema, as far as the generators look into it. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $comment?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: SchemaMap;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly definitions?: SchemaMap;
  /** json-schema-to-typescript: the type's text. */
  readonly tsType?: string;
}

export type SchemaMap = Readonly<Record<string, Schema>>;

/** Reads the config's schema with all that it refers to into one document: every $ref reads "#/definitions/NAME". */
export function readConfigSchema(): Schema {
  const main = readSchema("config.schema.json");
  const { definitions: linuxDefinitions, ...linux } = readSchema("config-linux.schema.json");
  const others = readSchema("other-platforms.schema.json");
  const definitions = mergeDefinitions(main.definitions, { linux }, linuxDefinitions, others.definitions);
  return mapSchema({ ...main, definitions }, ({ $schema: _schema, $id: _id, ...rest }) => withLocalRef(rest));
}

/** The definition that a local $ref names. */
export function definitionOf(root: Schema, $ref: string): Schema {
  const definition = root.definitions?.[definitionName($ref)];
  if (definition === undefined) throw new Error(`Cannot resolve "${$ref}": the schema has no such definition`);
  return definition;
}

/** The name at the end of "#/definitions/NAME". */
export function definitionName($ref: string): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}

/** Rewrites a schema and all schemas inside it, the innermost first. */
export function mapSchema(schema: Schema, rewrite: (schema: Schema) => Schema): Schema {
  const map = (child: Schema): Schema => mapSchema(child, rewrite);
  const mapAll = (children: SchemaMap): SchemaMap =>
    Object.fromEntries(Object.entries(children).map(([name, child]) => [name, map(child)]));
  return rewrite({
    ...schema,
    ...(schema.properties && { properties: mapAll(schema.properties) }),
    ...(schema.definitions && { definitions: mapAll(schema.definitions) }),
    ...(schema.items && { items: map(schema.items) }),
    ...(schema.additionalProperties && { additionalProperties: map(schema.additionalProperties) }),
  });
}

function readSchema(name: string): Schema {
  // One of this project's own files: the generators fail on a shape that they do not know, and so do their tests.
  return JSON.parse(readFileSync(`${PROJECT_ROOT}/schema/${name}`, "utf8")) as Schema;
}

function mergeDefinitions(...parts: readonly (SchemaMap | undefined)[]): SchemaMap {
  const merged: Record<string, Schema> = {};
  for (const [name, schema] of parts.flatMap((part) => Object.entries(part ?? {}))) {
    if (Object.hasOwn(merged, name)) throw new Error(`Cannot merge the schemas: "${name}" is defined twice`);
    merged[name] = schema;
  }
  return merged;
}

function withLocalRef(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const $ref = schema.$ref === "config-linux.schema.json" ? "#/definitions/linux" : schema.$ref.replace(/^[^#]*/, "");
  return { ...schema, $ref };
}
