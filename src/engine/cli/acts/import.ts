import { fullReference, parseTagged } from "../../base/reference.ts";
import { archiveSource } from "../../image/archive-source.ts";
import { importImage } from "../../image/import-image.ts";
import { parsePlatform } from "../../image/platform.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { extractLimits } from "../extract-limits.ts";
import { progressOf } from "../show-progress.ts";

export const act: EngineAct<"import"> = async ({ flags, args: [path, name] }, at) => {
  const references = name === undefined ? [] : [fullReference(parseTagged(name))];
  const source = archiveSource(path);
  const progress = progressOf(at, "Importing", source);
  try {
    const id = await importImage(enginePathsOf(at), {
      source,
      references,
      changes: flags.change,
      message: flags.message ?? "",
      ...(flags.platform ? { platform: parsePlatform(flags.platform) } : {}),
      ...extractLimits(flags["max-size"]),
      onBytes: progress.add,
    });
    progress.end();
    at.print(`${id}\n`);
  } finally {
    progress.end();
  }
};
