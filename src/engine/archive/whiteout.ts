import type { ByteString, EntryMetadata } from "../../sys/tree.ts";
import { archiveError } from "./archive-error.ts";

/** What an entry of a layer hides of the layers below. Source: image-spec layer.md#whiteouts. */
export type Whiteout =
  | { readonly kind: "file"; readonly path: ByteString }
  /** Everything below in this directory. */
  | { readonly kind: "opaque"; readonly path: ByteString }
  /** What AUFS kept for itself. */
  | { readonly kind: "ignored" };

const PREFIX = ".wh.";
export const OPAQUE_NAME = ".wh..wh..opq";

/** An overlay's whiteout: a character device 0:0. Source: Documentation/filesystems/overlayfs.rst. */
export const WHITEOUT: EntryMetadata = {
  kind: "character",
  mode: 0,
  uid: -1,
  gid: -1,
  seconds: 0,
  nanoseconds: 0,
  major: 0,
  minor: 0,
};

/** What a path of a layer hides; undefined where it is a file as any other. */
export function whiteoutOf(path: ByteString): Whiteout | undefined {
  if (!path.includes(PREFIX)) return undefined;
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (!name.startsWith(PREFIX)) return undefined;
  const directory = slash === -1 ? "." : path.slice(0, slash);
  if (name === OPAQUE_NAME) return { kind: "opaque", path: directory };
  const hidden = name.slice(PREFIX.length);
  if (hidden.startsWith(PREFIX)) return { kind: "ignored" };
  if (hidden === "" || hidden === "." || hidden === "..")
    throw archiveError(`Cannot extract "${path}": it hides no file`);
  return { kind: "file", path: slash === -1 ? hidden : `${directory}/${hidden}` };
}

/** The name of a whiteout for a path. */
export function whiteoutName(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return `${path.slice(0, slash + 1)}${PREFIX}${path.slice(slash + 1)}`;
}

/** The attribute that makes a directory of an upper layer hide the one below; its value is "y". */
export function opaqueXattr(inUserNamespace: boolean): string {
  return inUserNamespace ? "user.overlay.opaque" : "trusted.overlay.opaque";
}
