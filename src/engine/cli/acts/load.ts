import { archiveSource } from "../../image/archive-source.ts";
import { loadImages } from "../../image/load-images.ts";
import { parsePlatform } from "../../image/platform.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { extractLimits } from "../extract-limits.ts";
import { progressOf } from "../show-progress.ts";

export const act: EngineAct<"load"> = async ({ flags }, at) => {
  const source = archiveSource(flags.input ?? "-");
  const progress = progressOf(at, "Loading", flags.quiet ? undefined : source);
  try {
    const loaded = await loadImages(enginePathsOf(at), {
      source,
      ...(flags.platform ? { platform: parsePlatform(flags.platform) } : {}),
      ...extractLimits(flags["max-size"]),
      onBytes: progress.add,
    });
    progress.end();
    for (const { id, names } of loaded) {
      at.print(
        names.length === 0 ? `Loaded image ID: ${id}\n` : names.map((name) => `Loaded image: ${name}\n`).join(""),
      );
    }
  } finally {
    progress.end();
  }
};
