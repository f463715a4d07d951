/** One entry of a log: a line, or a part of one that had no end yet. */
export interface LogEntry {
  readonly log: string;
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
}

export interface LogRange {
  /** Milliseconds since 1970. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** A line that is none, which a full disk can leave, is left out. */
export function parseEntry(line: string): readonly LogEntry[] {
  try {
    const value: unknown = JSON.parse(line);
    // Written by native/monitor_log.c.
    return typeof value === "object" && value !== null && "log" in value && "time" in value ? [value as LogEntry] : [];
  } catch {
    return [];
  }
}

export function isInRange({ time }: LogEntry, { sinceMs, untilMs }: LogRange): boolean {
  const ms = Date.parse(time);
  return (sinceMs === undefined || ms >= sinceMs) && (untilMs === undefined || ms <= untilMs);
}

/** The entries of the last lines; parts of one line count as one. */
export function lastLines(entries: readonly LogEntry[], count: number): readonly LogEntry[] {
  if (count === 0) return [];
  let lines = 0;
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const endsLine = entries[at]?.log.endsWith("\n") === true || at === entries.length - 1;
    if (endsLine && ++lines > count) return entries.slice(at + 1);
  }
  return entries;
}
