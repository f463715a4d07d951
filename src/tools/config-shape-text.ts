import { definitionOf, type Schema } from "./config-schema.ts";

/** The text of the module that exports `CONFIG_SHAPE` (see src/config/config-shape.ts), without the notice. */
export function configShapeText(root: Schema): string {
  return `import type { Shape } from "./config-shape.ts";

/** Anything without known names inside. */
export const LEAF: Shape = {};

export const CONFIG_SHAPE: Shape = ${shapeLiteral(root, root)};
`;
}

function shapeLiteral(root: Schema, schema: Schema): string {
  const { $comment: spec, properties, items, additionalProperties } = resolve(root, schema);
  const members: string[] = [];
  if (spec !== undefined) members.push(`spec: ${JSON.stringify(spec)}`);
  if (properties !== undefined) {
    const named = Object.entries(properties).map(([name, child]) => `${name}: ${shapeLiteral(root, child)}`);
    members.push(`properties: {\n${named.join(",\n")}\n}`);
  }
  // What holds only texts and numbers has no names to know.
  const inner = { items, values: additionalProperties };
  for (const [member, child] of Object.entries(inner)) {
    const text = child && shapeLiteral(root, child);
    if (text !== undefined && text !== "LEAF") members.push(`${member}: ${text}`);
  }
  return members.length === 0 ? "LEAF" : `{ ${members.join(", ")} }`;
}

function resolve(root: Schema, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...siblings } = schema;
  return { ...resolve(root, definitionOf(root, $ref)), ...siblings };
}
