import type { Act } from "../act.ts";
import { listIds, listJson, listTable } from "../output.ts";

export const act: Act<"list"> = async ({ flags }, { runtime, context, print }) => {
  const entries = await runtime.listContainers(context);
  if (flags.quiet) print(listIds(entries));
  else print(flags.format === "json" ? listJson(entries) : listTable(entries));
};
