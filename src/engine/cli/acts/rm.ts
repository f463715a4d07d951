import { EngineError, NoSuchObjectError } from "../../base/errors.ts";
import { removeContainer } from "../../container/remove-container.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"rm"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  if (flags.link)
    throw new EngineError("there are no links between containers: networks have names", {
      code: "ERR_NOT_SUPPORTED",
      flag: "--link",
    });
  return await forEachNamed(args, at, async (word) => {
    try {
      const { id } = findContainer(context.paths, word);
      await removeContainer(context, id, { force: flags.force, withVolumes: flags.volumes });
    } catch (error) {
      // With --force what is wanted is that it is gone.
      if (!flags.force || !(error instanceof NoSuchObjectError)) throw error;
      at.fail(error);
      return;
    }
    at.print(`${word}\n`);
  });
};
