const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time in docker's words: "About a minute", "3 hours", "2 weeks". */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / SECOND);
  const minutes = Math.floor(ms / MINUTE);
  // Rounded, as docker does from hours on.
  const hours = Math.round(ms / HOUR);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(ms / DAY / 365)} years`;
}

/** How long ago something was: "3 hours ago"; what has no date is "N/A". */
export function humanAgo(time: string | undefined, nowMs: number): string {
  const then = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(then) ? "N/A" : `${humanDuration(Math.max(0, nowMs - then))} ago`;
}

/** A time as docker's tables have it, "2026-11-29 01:07:26 +0000 UTC"; what has no date is "N/A". */
export function humanTime(time: string | undefined): string {
  const then = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(then) ? "N/A" : `${new Date(then).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
}
