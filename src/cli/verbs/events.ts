import { UsageError } from "../../base/errors.ts";
import { parseDuration } from "../../base/parse-duration.ts";
import type { Act } from "../act.ts";

export const act: Act<"events"> = async ({ args: [id], flags }, { runtime, context, print }) => {
  const intervalMs = parseDuration(flags.interval);
  if (intervalMs === undefined) {
    throw new UsageError(`Cannot take ${JSON.stringify(flags.interval)} for an interval`, {
      flag: "--interval",
      fix: 'write a duration such as "500ms" or "5s"',
    });
  }
  if (flags.stats) {
    const data = await runtime.containerStats(context, { id });
    print(`${await runtime.formatEvent({ type: "stats", id, data })}\n`);
    return;
  }
  for await (const event of runtime.containerEvents(context, { id, intervalMs })) {
    print(`${await runtime.formatEvent(event)}\n`);
  }
};
