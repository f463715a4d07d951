import type { Act } from "../act.ts";

export const act: Act<"ps"> = async ({ args: [id, ...psArgs], flags }, { runtime, context, print }) => {
  if (flags.format === "json") print(`${JSON.stringify(await runtime.containerPids(context, { id }))}\n`);
  else print(await runtime.processTable(context, { id, psArgs }));
};
