import { EngineError } from "../../base/errors.ts";
import { newObjectId } from "../../base/object-id.ts";
import { pairs } from "../../container/request/pairs.ts";
import { checkVolumeOptions } from "../../container/volume-options.ts";
import { ensureVolume } from "../../container/volumes.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"volume create"> = async ({ flags, args: [word] }, at) => {
  const { paths } = engineContext(at);
  if (word !== undefined && flags.name !== undefined)
    throw new EngineError(
      "conflicting options: cannot specify a volume-name through both --name and as a positional arg",
      {
        code: "ERR_USAGE",
        flag: "--name",
      },
    );
  const wanted = word ?? flags.name;
  const name = wanted ?? newObjectId();
  const labels = pairs(flags.label, "--label");
  const options = pairs(flags.opt, "--opt");
  checkVolumeOptions(name, options);
  const volume = await ensureVolume(paths, { name, labels, options, isAnonymous: wanted === undefined });
  at.print(`${volume.Name}\n`);
};
