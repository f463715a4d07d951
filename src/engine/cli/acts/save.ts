import { SAVE_FORMATS, saveImages } from "../../image/save-images.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { withFileOutput } from "../file-output.ts";

export const act: EngineAct<"save"> = async ({ flags, args }, at) => {
  const format = SAVE_FORMATS.find((name) => name === flags.format) ?? "docker-archive";
  await withFileOutput(at, flags.output, (sink) => saveImages(enginePathsOf(at), args, format, sink));
};
