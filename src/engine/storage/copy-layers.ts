import { makeDirs } from "../../sys/files.ts";
import { LayerExtractor } from "../archive/layer-extractor.ts";
import { TarReader } from "../archive/tar-reader.ts";
import { packTree } from "../archive/tree-packer.ts";
import { hideBelow } from "./hide-below.ts";

/**
 * Copies layers over each other, the lowest first, into a directory: what an overlay would show of them, for hosts without
 * one. Throws SystemError.
 */
export async function copyLayers(lowers: readonly string[], directory: string): Promise<void> {
  makeDirs(directory, 0o755);
  for (const layer of lowers.toReversed()) {
    hideBelow(layer, directory);
    const extractor = new LayerExtractor(directory, { hasParent: false });
    try {
      const reader = new TarReader(extractor);
      await packTree(layer, (chunk) => reader.write(chunk), { isLayer: false, leavesOut: isWhiteout });
      reader.close();
      extractor.finish();
    } finally {
      extractor.close();
    }
  }
}

function isWhiteout(
  _path: string,
  facts: { readonly mode: number; readonly major: number; readonly minor: number },
): boolean {
  return (facts.mode & 0o170000) === 0o020000 && facts.major === 0 && facts.minor === 0;
}
