import { EngineError } from "../../base/errors.ts";
import { renderTemplate } from "../../base/format-template.ts";
import { splitPair } from "../../base/parse-size.ts";
import { type EngineEvent, eventFiles, parseEvent, withOlderNames } from "../../container/events.ts";
import { parseTime } from "../../container/parse-time.ts";
import { RotatedReader } from "../../container/rotated-reader.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

const PAUSE_MS = 100;

export const act: EngineAct<"events"> = async ({ flags }, at) => {
  const { paths } = engineContext(at);
  const now = Date.now();
  const untilMs = flags.until === undefined ? Number.POSITIVE_INFINITY : parseTime(flags.until, now, "--until");
  const sinceMs = flags.since === undefined ? now : parseTime(flags.since, now, "--since");
  const reader = new RotatedReader(eventFiles(paths), parseEvent);
  for (;;) {
    const isLast = Date.now() >= untilMs;
    for (const event of reader.readMore()) {
      const ms = event.timeNano / 1e6;
      if (ms < sinceMs || ms > untilMs || !meetsAll(event, flags.filter)) continue;
      at.print(`${eventText(event, flags.format)}\n`);
    }
    if (isLast) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};

function meetsAll({ Type, Action, Actor }: EngineEvent, filters: readonly string[]): boolean {
  return filters.every((filter) => {
    const [name, value = ""] = splitPair(filter);
    switch (name) {
      case "type":
        return Type === value;
      case "event":
        return Action === value || Action.startsWith(`${value}:`);
      case "container":
        return Type === "container" && (Actor.ID.startsWith(value) || Actor.Attributes.name === value);
      case "image":
        return Actor.Attributes.image === value;
      case "volume":
      case "network":
        return Type === name && Actor.ID === value;
      case "label": {
        const [key, wanted] = splitPair(value);
        return Actor.Attributes[key] !== undefined && (wanted === undefined || Actor.Attributes[key] === wanted);
      }
      default:
        throw new EngineError(`invalid filter '${name}'`, { code: "ERR_USAGE", flag: "--filter" });
    }
  });
}

/** What Go calls the members that JSON has in small letters. */
function goNames({ status = "", id = "", from = "", scope, time, timeNano }: EngineEvent): object {
  return { Status: status, ID: id, From: from, Scope: scope, Time: time, TimeNano: timeNano };
}

function eventText(event: EngineEvent, format: string | undefined): string {
  const shown = withOlderNames(event);
  if (format === "json" || format === "{{json .}}") return JSON.stringify(shown);
  if (format !== undefined) return renderTemplate(format, { ...shown, ...goNames(shown) });
  const attributes = Object.entries(event.Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join("="))
    .join(", ");
  return `${new Date(event.timeNano / 1e6).toISOString()} ${event.Type} ${event.Action} ${event.Actor.ID} (${attributes})`;
}
