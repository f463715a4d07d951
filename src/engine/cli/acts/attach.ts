import { EngineError } from "../../base/errors.ts";
import { noteContainerEvent } from "../../container/events.ts";
import { reviveMonitor } from "../../container/recover.ts";
import { liveStatus } from "../../container/status.ts";
import { connectMonitor } from "../../container/stop-container.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { attachmentOf } from "../attachment.ts";
import { engineContext } from "../engine-context.ts";
import { followContainer } from "../follow-container.ts";
import { catchSignals } from "../follow-monitor.ts";

export const act: EngineAct<"attach"> = async ({ flags, args: [word] }, at) => {
  const context = engineContext(at);
  const record = findContainer(context.paths, word);
  const { status } = liveStatus(context.paths, record);
  if (status === "paused")
    throw new EngineError("You cannot attach to a paused container, unpause it first", {
      code: "ERR_CONTAINER_STATUS",
    });
  if (status !== "running")
    throw new EngineError("You cannot attach to a stopped container, start it first", { code: "ERR_CONTAINER_STATUS" });
  await reviveMonitor(context, record);
  const streams = { input: record.config.OpenStdin && !flags["no-stdin"], output: true, error: true };
  const attachment = attachmentOf({
    streams,
    hasTerminal: record.config.Tty,
    detachKeys: flags["detach-keys"],
    isCleaner: false,
  });
  const events = connectMonitor(context.paths, record.id, attachment);
  if (events === undefined) throw new EngineError(`Cannot attach to container ${word}: its monitor does not answer`);
  noteContainerEvent(context.paths, record, "attach");
  return await followContainer(context, record.id, events, { attachment, signals: catchSignals(flags) });
};
