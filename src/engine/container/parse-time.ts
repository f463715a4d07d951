import { parseDuration } from "../../base/parse-duration.ts";
import { EngineError } from "../base/errors.ts";

/**
 * A time as `logs --since` and others take it: RFC 3339, seconds since 1970 with a fraction, or a duration before now such
 * as "1h30m". Gives milliseconds since 1970. Throws EngineError that names the flag.
 */
export function parseTime(text: string, nowMs: number, flag: string): number {
  if (/^[0-9]+(\.[0-9]+)?$/.test(text)) return Number(text) * 1000;
  const before = duration(text);
  if (before !== undefined) return nowMs - before;
  const time = Date.parse(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+$/.test(text) ? `${text}Z` : text);
  if (!Number.isNaN(time)) return time;
  throw new EngineError(`invalid value for "${flag}": failed to parse value as time or duration: "${text}"`, {
    code: "ERR_USAGE",
    flag,
  });
}

const DAY_MS = 86_400_000;

/** As Go writes a duration, and days before it. */
function duration(text: string): number | undefined {
  const [, days, rest = ""] = /^(?:([0-9]+(?:\.[0-9]+)?)d)?(.*)$/.exec(text) ?? [];
  const time = rest === "" && days !== undefined ? 0 : parseDuration(rest);
  return time === undefined ? undefined : Number(days ?? 0) * DAY_MS + time;
}
