import type { JsonPointer } from "./json-pointer.ts";
import type { SpecRef } from "./spec-ref.ts";

/** Why something is done: a place in config.json, a flag, or a sentence of the spec. */
export type Origin = { readonly config: JsonPointer } | { readonly flag: string } | { readonly implied: SpecRef };

/** The origin as it is printed: "/mounts/0", "--no-pivot" or "implied config-linux.md#default-devices". */
export function formatOrigin(origin: Origin): string {
  if ("config" in origin) return origin.config === "" ? "/" : origin.config;
  if ("flag" in origin) return origin.flag;
  return `implied ${origin.implied}`;
}
