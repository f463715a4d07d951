import { newObjectId } from "../../base/object-id.ts";
import { noteEvent } from "../../container/events.ts";
import { pairs } from "../../container/request/host-config.ts";
import { checkVolumeOptions } from "../../container/volume-options.ts";
import { ensureVolume } from "../../container/volumes.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"volume create"> = async ({ flags, args: [wanted] }, at) => {
  const { paths } = engineContext(at);
  const name = wanted ?? newObjectId();
  const labels = pairs(flags.label, "--label");
  const options = pairs(flags.opt, "--opt");
  checkVolumeOptions(name, options);
  const volume = await ensureVolume(paths, { name, labels, options, isAnonymous: wanted === undefined });
  noteEvent(paths, { Type: "volume", Action: "create", Actor: { ID: name, Attributes: { driver: "local" } } });
  at.print(`${volume.Name}\n`);
};
