import type { EngineContext } from "../../container/engine-context.ts";
import { finishContainer } from "../../container/finish-container.ts";
import { liveStatus, readExit } from "../../container/status.ts";
import { connectMonitor } from "../../container/stop-container.ts";
import { findContainer, readContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"wait"> = async ({ args }, at) => {
  const context = engineContext(at);
  return await forEachNamed(args, at, async (word) => {
    at.print(`${await exitStatus(context, findContainer(context.paths, word).id)}\n`);
  });
};

/** The monitor tells it; where the end is over, the record does. */
async function exitStatus(context: EngineContext, id: string): Promise<number> {
  const { paths } = context;
  const events = connectMonitor(paths, id);
  if (events !== undefined) {
    let status: number | undefined;
    for (let event = await events.next(); event.kind !== "closed"; event = await events.next()) {
      if (event.kind === "exit") status = event.status;
    }
    events.close();
    if (status !== undefined) return status;
  }
  const record = readContainer(paths, id);
  // Its monitor was killed: there is nobody who could tell.
  while (record !== undefined && liveStatus(paths, record).pid !== 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const exit = readExit(paths, id);
  await finishContainer(context, id);
  return readContainer(paths, id)?.life.exitCode ?? exit?.status ?? 0;
}
