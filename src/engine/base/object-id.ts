import { randomBytes } from "./random-bytes.ts";

/** How much of an id is shown. */
const SHORT_LENGTH = 12;

/** A new id: 64 hexadecimal digits, the first twelve of which are not all decimal, so that no number is taken for one. */
export function newObjectId(): string {
  for (;;) {
    const id = randomBytes(32).toString("hex");
    if (!/^[0-9]{12}/.test(id)) return id;
  }
}

/** The form in which lists show an id: without "sha256:", and its first twelve digits. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, SHORT_LENGTH);
}

/** What has an id and a name. */
export interface NamedObject {
  readonly id: string;
  readonly name?: string | undefined;
}

export type Resolution<T> =
  | { readonly outcome: "found"; readonly object: T }
  | { readonly outcome: "missing" }
  | { readonly outcome: "ambiguous" };

/**
 * Finds what a word of the command line means, as docker does: the full id first, then the name (with or without the
 * slash before it), then the one id that begins so.
 */
export function resolveObject<T extends NamedObject>(objects: readonly T[], word: string): Resolution<T> {
  const name = word.replace(/^\//, "");
  const exact = objects.find(({ id }) => id === word) ?? objects.find((object) => object.name === name);
  if (exact !== undefined) return { outcome: "found", object: exact };
  const [first, second] = word === "" ? [] : objects.filter(({ id }) => id.startsWith(word));
  if (first === undefined) return { outcome: "missing" };
  return second === undefined ? { outcome: "found", object: first } : { outcome: "ambiguous" };
}
