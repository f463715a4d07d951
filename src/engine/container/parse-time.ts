import { EngineError } from "../base/errors.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time as `logs --since` and others take it: RFC 3339, seconds since 1970 with a fraction, or a duration before now such
 * as "1h30m". Gives milliseconds since 1970. Throws EngineError that names the flag.
 */
export function parseTime(text: string, nowMs: number, flag: string): number {
  if (/^[0-9]+(\.[0-9]+)?$/.test(text)) return Number(text) * 1000;
  if (/^([0-9]+(\.[0-9]+)?(h|ms|m|s|d))+$/.test(text)) return nowMs - duration(text);
  const time = Date.parse(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+$/.test(text) ? `${text}Z` : text);
  if (!Number.isNaN(time)) return time;
  throw new EngineError(`invalid value for "${flag}": failed to parse value as time or duration: "${text}"`, {
    code: "ERR_USAGE",
    flag,
  });
}

function duration(text: string): number {
  const parts = [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ms|h|m|s|d)/g)];
  return parts.reduce(
    (sum, [, number, unit = ""]) => sum + Number(number) * (unit === "ms" ? 1 : (UNITS[unit] ?? 0)),
    0,
  );
}
