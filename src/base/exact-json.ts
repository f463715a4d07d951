/**
 * A value as JSON text, with integers above 2^53 written exactly: JSON.stringify refuses bigints, and rounds numbers
 * to ones that a reader of uint64 refuses. Members that are undefined are left out.
 */
export function exactJson(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(exactJson).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${exactJson(member)}`).join(",")}}`;
}
