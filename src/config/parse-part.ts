import type { Problem } from "../base/problem.ts";
import { CONFIG_SHAPE } from "./config-shape.gen.ts";
import type { Shape } from "./config-shape.ts";
import { withSpecNames } from "./letter-case.ts";
import { parseConfig } from "./parse-config.ts";

/** A part of a config that stands alone, and where it belongs. */
const PARTS = {
  process: CONFIG_SHAPE.properties?.process,
  resources: CONFIG_SHAPE.properties?.linux?.properties?.resources,
} as const satisfies Readonly<Record<string, Shape | undefined>>;

/**
 * Parses the text of a part of a config, with names in any letter case. Pointers begin at the part. Throws what parseConfig
 * throws.
 */
export function parsePart(
  text: string,
  part: keyof typeof PARTS,
): { readonly value: unknown; readonly warnings: readonly Problem[] } {
  const value = parseConfig(text);
  const spelled = withSpecNames(text, value, PARTS[part] ?? {});
  return spelled === undefined
    ? { value, warnings: [] }
    : { value: parseConfig(spelled.text), warnings: spelled.warnings };
}
