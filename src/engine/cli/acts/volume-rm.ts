import { NoSuchObjectError } from "../../base/errors.ts";
import { volumeUsers } from "../../container/volume-users.ts";
import { removeVolume } from "../../container/volumes.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"volume rm"> = async ({ flags, args }, at) => {
  const { paths } = engineContext(at);
  return await forEachNamed(args, at, async (name) => {
    try {
      await removeVolume(paths, name, (one) => volumeUsers(paths, one, at.warn));
    } catch (error) {
      if (!flags.force || !(error instanceof NoSuchObjectError)) throw error;
    }
    at.print(`${name}\n`);
  });
};
