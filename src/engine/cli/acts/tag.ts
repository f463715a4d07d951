import { tagImage } from "../../image/tag-image.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"tag"> = async ({ args: [source, name = ""] }, at) => {
  await tagImage(enginePathsOf(at), source, name);
};
