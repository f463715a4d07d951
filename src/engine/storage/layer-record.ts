import { isRecord, type JsonFormat, readJson } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { Digest } from "../image/image.ts";

/** The identity of a stack of layers: its uppermost layer, on all that are below it. */
export type ChainId = Digest;

/** An extracted layer. */
export interface LayerRecord {
  /** Its directory's name below overlay2. */
  readonly cacheId: string;
  /** The digest of its uncompressed archive. */
  readonly diffId: Digest;
  readonly parent?: ChainId;
  /** What its files take by their sizes. */
  readonly sizeBytes: number;
}

/**
 * The chain ids of a stack of layers, the lowest first: the first is its diff id, each other the digest of its parent's
 * chain id, a space and its diff id. Source: image-spec config.md#layer-chainid.
 */
export function chainIds(diffIds: readonly Digest[]): readonly ChainId[] {
  const chain: ChainId[] = [];
  for (const diffId of diffIds) {
    const parent = chain.at(-1);
    chain.push(parent === undefined ? diffId : sha256(`${parent} ${diffId}`));
  }
  return chain;
}

export function sha256(data: string | Uint8Array): Digest {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** The digits of a digest, which name its file. */
export function digits(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1);
}

export const LAYER_FORMAT: JsonFormat<LayerRecord> = {
  name: "layer record",
  version: 1,
  check: (value) => {
    if (!isRecord(value) || typeof value.cacheId !== "string" || typeof value.diffId !== "string") return undefined;
    // The members were checked above, the others are this program's own.
    return typeof value.sizeBytes === "number" ? (value as unknown as LayerRecord) : undefined;
  },
};

export function layerRecordPath({ layers }: EnginePaths, chainId: ChainId): string {
  return `${layers}/${digits(chainId)}.json`;
}

export function readLayerRecord(paths: EnginePaths, chainId: ChainId): LayerRecord | undefined {
  return readJson(layerRecordPath(paths, chainId), LAYER_FORMAT);
}
