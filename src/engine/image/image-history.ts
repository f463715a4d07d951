import type { EnginePaths } from "../base/paths.ts";
import type { Image, ImageHistory } from "./image.ts";
import { layerSizes } from "./list-images.ts";

export interface HistoryRow extends ImageHistory {
  /** That of the image, for its uppermost step. */
  readonly id: string | undefined;
  readonly sizeBytes: number;
}

/** The steps by which an image was made, the last first; layers beyond the told steps are steps without words. */
export function imageHistory(paths: EnginePaths, { id, config, layers }: Image): readonly HistoryRow[] {
  const sizes = [...layerSizes(paths, config, layers)];
  const told = config.history ?? [];
  const layerCount = told.filter(({ empty_layer }) => empty_layer !== true).length;
  const untold = sizes.slice(layerCount).map((): ImageHistory => ({}));
  const rows = [...told, ...untold].map((step) => ({
    ...step,
    sizeBytes: step.empty_layer === true ? 0 : (sizes.shift() ?? 0),
  }));
  return rows.reverse().map((row, index) => ({ ...row, id: index === 0 ? id : undefined }));
}
