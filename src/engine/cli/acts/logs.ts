import { EngineError } from "../../base/errors.ts";
import { parseInteger } from "../../base/parse-size.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import { logDetails } from "../../container/log-details.ts";
import { logFiles } from "../../container/log-files.ts";
import { parseTime } from "../../container/parse-time.ts";
import { isInRange, type LogEntry, lastLines, parseEntry } from "../../container/read-logs.ts";
import { recoverContainer } from "../../container/recover.ts";
import { RotatedReader } from "../../container/rotated-reader.ts";
import { livePid } from "../../container/status.ts";
import { findContainer, readContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

const PAUSE_MS = 50;

export const act: EngineAct<"logs"> = async ({ flags, args: [word] }, at) => {
  const context = engineContext(at);
  const record = findContainer(context.paths, word);
  await recoverContainer(context, record);
  const files = logFiles(context.paths, record);
  if (files === undefined)
    throw new EngineError("configured logging driver does not support reading", { code: "ERR_NOT_SUPPORTED" });
  const range = {
    ...(flags.since !== undefined && { sinceMs: parseTime(flags.since, Date.now(), "--since") }),
    ...(flags.until !== undefined && { untilMs: parseTime(flags.until, Date.now(), "--until") }),
  };
  const reader = new RotatedReader(files, parseEntry);
  const details = flags.details ? `${logDetails(record, record.hostConfig.LogConfig.Config)} ` : "";
  const show = entryPrinter(at.host.write, { withTime: flags.timestamps, details });
  const first = reader.readMore().filter((entry) => isInRange(entry, range));
  const count =
    flags.tail === undefined || flags.tail === "all" ? Number.POSITIVE_INFINITY : parseInteger(flags.tail, "--tail");
  show(count < 0 ? first : lastLines(first, count));
  while (flags.follow && (range.untilMs === undefined || Date.now() < range.untilMs)) {
    const isOver = !isAlive(context, record.id);
    show(reader.readMore().filter((entry) => isInRange(entry, range)));
    if (isOver) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  reader.close();
};

/** Also while it is being started again. */
function isAlive({ paths }: EngineContext, id: string): boolean {
  return (
    livePid(paths, id) !== undefined || ["starting", "restarting"].includes(readContainer(paths, id)?.life.phase ?? "")
  );
}

/** Each entry goes to the stream that it came from; a time stands before each line, not before each part of one. */
function entryPrinter(
  write: (fd: number, text: string) => void,
  { withTime, details }: { readonly withTime: boolean; readonly details: string },
): (entries: readonly LogEntry[]) => void {
  let isLineOpen = false;
  return (entries) => {
    let pending: { fd: number; text: string } = { fd: 1, text: "" };
    for (const { log, stream, time } of entries) {
      const fd = stream === "stderr" ? 2 : 1;
      if (fd !== pending.fd && pending.text !== "") write(pending.fd, pending.text);
      if (fd !== pending.fd) pending = { fd, text: "" };
      pending.text += isLineOpen ? log : `${withTime ? `${time} ` : ""}${details}${log}`;
      isLineOpen = !log.endsWith("\n");
    }
    if (pending.text !== "") write(pending.fd, pending.text);
  };
}
