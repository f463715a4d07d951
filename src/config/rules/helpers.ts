import type { JsonPointer } from "../../base/json-pointer.ts";
import { pointerTo } from "../../base/json-pointer.ts";
import type { SpecRef } from "../../base/spec-ref.ts";
import type { NamespaceType } from "../../linux/namespaces.ts";
import type { Findings } from "../findings.ts";
import type { Config, Namespace } from "../types.gen.ts";

/** The entry of linux.namespaces for a type, or undefined where the container stays in the runtime's namespace. */
export function namespaceOf(config: Config, type: NamespaceType): Namespace | undefined {
  return config.linux?.namespaces?.find((namespace) => namespace.type === type);
}

/** The sentence that mends a missing namespace. */
export function addNamespace(type: NamespaceType): string {
  return `add {"type":"${type}"} to /linux/namespaces`;
}

/** Calls back for every element whose key an earlier element has, with the earlier one's index. */
export function eachDuplicate<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  onDuplicate: (item: T, index: number, firstIndex: number) => void,
): void {
  if (items.length < 2) return;
  const firstIndices = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    const firstIndex = firstIndices.get(key);
    if (firstIndex === undefined) firstIndices.set(key, index);
    else onDuplicate(item, index, firstIndex);
  }
}

/** Reports every path of a list that does not begin at the root. */
export function checkAbsolutePaths(
  place: { readonly pointer: JsonPointer; readonly code: string; readonly spec: SpecRef },
  paths: readonly string[],
  found: Findings,
): void {
  for (const [index, path] of paths.entries()) {
    if (path.startsWith("/")) continue;
    const { pointer, code, spec } = place;
    found.error({
      code,
      pointer: pointerTo(pointer, index),
      value: path,
      message: "must be an absolute path",
      ...(path !== "" && { fix: `write "/${path}"` }),
      spec,
    });
  }
}

/** Whether a number is an integer within a range, both ends allowed. */
export function isWithin(value: number | bigint, min: number, max: number): boolean {
  return value >= min && value <= max;
}
