import { buildBase } from "../../image/build-base.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"image build-base"> = async ({ args: [name] }, at) => {
  const { id } = await buildBase(enginePathsOf(at), name);
  at.print(`${id}\n`);
};
