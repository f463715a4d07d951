import type { Act } from "../act.ts";

export const act: Act<"features"> = async (_call, { runtime, context, print }) => {
  print(`${JSON.stringify(await runtime.runtimeFeatures(context), null, 2)}\n`);
};
