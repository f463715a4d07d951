import { SAVE_FORMATS, saveImages } from "../../image/save-images.ts";
import type { EngineAct } from "../act.ts";
import { withArchiveOutput } from "../archive-output.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"save"> = async ({ flags, args }, at) => {
  const format = SAVE_FORMATS.find((name) => name === flags.format) ?? "docker-archive";
  await withArchiveOutput(at, flags.output, (sink) => saveImages(enginePathsOf(at), args, format, sink));
};
