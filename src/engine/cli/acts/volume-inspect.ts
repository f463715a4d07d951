import { formatValue } from "../../base/format-template.ts";
import { inspectVolume } from "../../container/inspect-volume.ts";
import { requireVolume } from "../../container/volumes.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"volume inspect"> = async ({ flags: { format }, args }, at) => {
  const { paths } = engineContext(at);
  const found: object[] = [];
  const status = await forEachNamed(args, at, (name) => {
    found.push(inspectVolume(paths, requireVolume(paths, name)));
  });
  at.print(
    format === undefined
      ? `${JSON.stringify(found, null, 4)}\n`
      : found.map((one) => formatValue(one, format)).join(""),
  );
  return status;
};
