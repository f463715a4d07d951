import { OPEN_DIRECTORY } from "../../../linux/open-flags.ts";
import { close } from "../../../sys/descriptors.ts";
import { openInRoot } from "../../../sys/files.ts";
import { fromByteString, toByteString } from "../../../sys/tree.ts";
import { type BytePump, decompressor, detectCompression } from "../../archive/compression.ts";
import { LayerExtractor } from "../../archive/layer-extractor.ts";
import { TarReader } from "../../archive/tar-reader.ts";
import { type ArchiveSink, packEntry } from "../../archive/tree-packer.ts";
import { EngineError } from "../../base/errors.ts";
import { type CopySource, cleanPath, copiedTo, splitPath } from "./copy-place.ts";
import { type FoundEntry, findEntry, isDirectory } from "./find-entry.ts";

/** A path below a root: that of the host, or of a container. */
export interface CopyEnd {
  readonly root: string;
  readonly path: string;
  /** Throws in docker's words where nothing is there. */
  readonly missing: () => never;
}

export interface CopyOptions {
  /** Follow a symbolic link that the source is. */
  readonly follows: boolean;
  /** Whose the files become; absent: they keep their owners' numbers. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** Copies files, resolved entry by entry below both roots. Gives their bytes. Throws EngineError, SystemError. */
export async function copyFiles(source: CopyEnd, target: CopyEnd, { follows, owner }: CopyOptions): Promise<number> {
  return await withSource(source, follows, async (found, kind) => {
    return await withTarget(target, kind, owner, async (extractor, name) => {
      const reader = new TarReader(extractor);
      await packEntry({ parent: found.parent, name: found.name, as: toByteString(name) }, (part) => reader.write(part));
      reader.close();
    });
  });
}

/** Writes what is to be copied as an archive. */
export async function copyToArchive(source: CopyEnd, follows: boolean, sink: ArchiveSink): Promise<void> {
  await withSource(source, follows, async ({ parent, name }, { base, isContent }) => {
    await packEntry({ parent, name, as: isContent ? "" : toByteString(base) }, sink);
  });
}

/** Extracts an archive, plain or compressed, into a directory. */
export async function copyFromArchive(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { root, path, missing }: CopyEnd,
  owner: CopyOptions["owner"],
): Promise<number> {
  const found = findEntry(root, path, true);
  try {
    if (found?.facts === undefined) return missing();
    if (!isDirectory(found.facts)) throw new EngineError(`destination "${path}" must be a directory`);
    return await extractInto(found.parent, fromByteString(found.name), owner, async (extractor) => {
      const reader = new TarReader(extractor);
      let pump: BytePump | undefined;
      for await (const chunk of chunks) {
        pump ??= decompressor(detectCompression(chunk), (part) => reader.write(part));
        await pump.write(chunk);
      }
      await pump?.end();
      reader.close();
    });
  } finally {
    if (found !== undefined) close(found.parent);
  }
}

async function withSource<T>(
  { root, path, missing }: CopyEnd,
  follows: boolean,
  act: (found: FoundEntry, source: CopySource) => Promise<T>,
): Promise<T> {
  const mustBeDirectory = /\/\.?$/.test(path);
  const found = findEntry(root, path, follows || mustBeDirectory);
  try {
    if (found?.facts === undefined) return missing();
    const isContent = path.endsWith("/.") || path === "." || found.name === ".";
    if (mustBeDirectory && !isDirectory(found.facts)) throw new EngineError("not a directory");
    const base = splitPath(cleanPath(path))[1];
    return await act(found, { isDirectory: isDirectory(found.facts), isContent, base });
  } finally {
    if (found !== undefined) close(found.parent);
  }
}

/** Without a name, what is there is a directory: the target or the one above it. */
async function withTarget(
  { root, path, missing }: CopyEnd,
  source: CopySource,
  owner: CopyOptions["owner"],
  act: (extractor: LayerExtractor, name: string) => Promise<void>,
): Promise<number> {
  const found = findEntry(root, path, true);
  try {
    if (found === undefined) return missing();
    const there = found.facts === undefined ? "nothing" : isDirectory(found.facts) ? "directory" : "other";
    const base = fromByteString(found.name);
    const { into, name } = copiedTo(source, { there, mustBeDirectory: /\/\.?$/.test(path), base });
    return await extractInto(found.parent, into === "target" ? base : ".", owner, (extractor) => act(extractor, name));
  } finally {
    if (found !== undefined) close(found.parent);
  }
}

/** The directory is opened below its parent: by now it may be a symbolic link of the container's making. */
async function extractInto(
  parent: number,
  name: string,
  owner: CopyOptions["owner"],
  act: (extractor: LayerExtractor) => Promise<void>,
): Promise<number> {
  const directory = openInRoot(`/proc/self/fd/${parent}`, name, OPEN_DIRECTORY);
  const options = { hasParent: false, isPlain: true, ...(owner !== undefined && { owner }) };
  const extractor = new LayerExtractor(`/proc/self/fd/${directory}`, options);
  try {
    await act(extractor);
    extractor.finish();
    return extractor.sizeBytes;
  } finally {
    extractor.close();
    close(directory);
  }
}
