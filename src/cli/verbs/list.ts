import type { Act } from "../act.ts";
import { listIds, listJson, listTable } from "../output.ts";

export const act: Act<"list"> = async ({ flags, globals }, { runtime, context, print }) => {
  // The default one need not be there before the first container; another one is misspelt.
  const entries = await runtime.listContainers(context, { rootMustExist: globals.root !== undefined });
  if (flags.quiet) print(listIds(entries));
  else print(flags.format === "json" ? listJson(entries) : listTable(entries));
};
