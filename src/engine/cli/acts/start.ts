import { EngineError } from "../../base/errors.ts";
import { startContainer } from "../../container/start-container.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { attachmentOf } from "../attachment.ts";
import { consoleSize } from "../console-size.ts";
import { followContainer } from "../follow-container.ts";
import { catchSignals } from "../follow-monitor.ts";
import { forEachNamed } from "../for-each.ts";
import { tellKept } from "../tell-kept.ts";
import { timedContext } from "../timed-context.ts";

export const act: EngineAct<"start"> = async ({ flags, args }, at) => {
  const { context, clock } = timedContext(at, flags.time);
  clock?.end("start mydocker");
  const isAttached = flags.attach || flags.interactive;
  if (isAttached && args.length > 1)
    throw new EngineError("you cannot start and attach multiple containers at once", { code: "ERR_USAGE" });
  let status = 0;
  const signals = isAttached ? catchSignals(flags) : undefined;
  const failures = await forEachNamed(args, at, async (word) => {
    const record = findContainer(context.paths, word);
    if (liveStatus(context.paths, record).status !== "running") {
      const isCleaner = isAttached && record.hostConfig.RestartPolicy.Name === "no";
      const streams = { input: flags.interactive, output: isAttached, error: isAttached };
      const size = consoleSize(at.host, isAttached && record.config.Tty);
      const attachment = attachmentOf({
        streams,
        hasTerminal: record.config.Tty,
        detachKeys: flags["detach-keys"],
        isCleaner,
      });
      const { events } = await startContainer(context, {
        id: record.id,
        attachment,
        ...(size !== undefined && { consoleSize: size }),
        ...(flags.trace && { printSteps: (text: string) => at.host.write(2, text) }),
        keepsFailure: flags["keep-on-failure"],
      }).catch((error: unknown) => {
        tellKept(context, record);
        throw error;
      });
      if (signals !== undefined) {
        status = await followContainer(context, record.id, events, { attachment, signals });
        return;
      }
      events.close();
    }
    at.print(`${word}\n`);
  });
  if (clock !== undefined) at.host.write(2, clock.text());
  return failures === 0 ? status : failures;
};
