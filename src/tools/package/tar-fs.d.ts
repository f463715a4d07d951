/** The part of tar-fs that is used here: the package brings no types. */
declare module "tar-fs" {
  import type { Readable } from "node:stream";

  export interface Header {
    readonly name: string;
    readonly mode: number;
    readonly mtime: Date;
    readonly uid: number;
    readonly gid: number;
  }

  export interface PackOptions {
    /** What to pack, relative to the directory. */
    readonly entries: readonly string[];
    /** Whether a directory's entries are packed in the order of their names. */
    readonly sort: boolean;
    /** Taken off the modes; that of the process where it is absent. */
    readonly umask: number;
    readonly map: (header: Header) => Header;
  }

  export function pack(directory: string, options: PackOptions): Readable;
}
