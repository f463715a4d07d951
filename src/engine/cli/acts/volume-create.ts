import { EngineError } from "../../base/errors.ts";
import { newObjectId } from "../../base/object-id.ts";
import { noteEvent } from "../../container/events.ts";
import { pairs } from "../../container/request/host-config.ts";
import { ensureVolume } from "../../container/volumes.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"volume create"> = async ({ flags, args: [wanted] }, at) => {
  const { paths } = engineContext(at);
  if (flags.opt.length > 0) {
    throw new EngineError("the driver local has no options here: mount what it should hold with --mount type=bind", {
      code: "ERR_NOT_SUPPORTED",
      flag: "--opt",
    });
  }
  const name = wanted ?? newObjectId();
  const labels = pairs(flags.label, "--label");
  const volume = await ensureVolume(paths, { name, labels, isAnonymous: wanted === undefined });
  noteEvent(paths, { Type: "volume", Action: "create", Actor: { ID: name, Attributes: { driver: "local" } } });
  at.print(`${volume.Name}\n`);
};
