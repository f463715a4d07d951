import { NoSuchObjectError } from "../../base/errors.ts";
import { networkEvent } from "../../container/event-facts.ts";
import { noteEvents } from "../../container/events.ts";
import { removeNetwork } from "../../network/remove-network.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"network rm"> = async ({ args, flags }, at) => {
  const paths = enginePathsOf(at);
  return await forEachNamed(args, at, async (word) => {
    try {
      noteEvents(paths, networkEvent(await removeNetwork(paths, word), "destroy"));
    } catch (error) {
      if (!(flags.force && error instanceof NoSuchObjectError)) throw error;
      return;
    }
    at.print(`${word}\n`);
  });
};
