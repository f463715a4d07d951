/** A place in a JSON document, RFC 6901: "" is the whole document, "/mounts/3/options" a member. */
export type JsonPointer = "" | `/${string}`;

/** Builds the pointer to a member: `pointerTo("/mounts", 3, "options")`. Escapes "~" and "/" (RFC 6901, section 3). */
export function pointerTo(base: JsonPointer, ...tokens: readonly (string | number)[]): JsonPointer {
  let result: JsonPointer = base;
  for (const token of tokens) result = `${result}/${escapeToken(token)}`;
  return result;
}

/** Splits a pointer into its unescaped tokens. */
export function pointerTokens(pointer: JsonPointer): readonly string[] {
  const tokens = pointer.split("/").slice(1);
  return pointer.includes("~") ? tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")) : tokens;
}

function escapeToken(token: string | number): string | number {
  if (typeof token === "number" || !(token.includes("~") || token.includes("/"))) return token;
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}
