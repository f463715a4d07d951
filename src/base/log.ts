/** From the quietest to the loudest. The names are logrus's, which the readers of a runtime's log expect. */
export const LOG_LEVELS = ["error", "warning", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** "text" is logrus's `key=value` form, "json" one object a line; both are what runc writes. */
export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** More that a program may want to know of an entry: its error code, the place, the fix. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogEntry {
  readonly level: LogLevel;
  readonly msg: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly fields?: LogFields;
}

/** Takes entries one by one; the sink decides where they go and which levels are dropped. */
export interface Logger {
  readonly debug: (msg: string, fields?: LogFields) => void;
  readonly warning: (msg: string, fields?: LogFields) => void;
  readonly error: (msg: string, fields?: LogFields) => void;
}

export interface LoggerParts {
  /** The loudest level that is written. */
  readonly level: LogLevel;
  /** The time as RFC 3339. */
  readonly now: () => string;
  readonly write: (entry: LogEntry) => void;
}

/** A logger that drops what is louder than its level and stamps the rest with the time. */
export function createLogger({ level, now, write }: LoggerParts): Logger {
  const loudest = LOG_LEVELS.indexOf(level);
  const logAt = (entryLevel: LogLevel) => (msg: string, fields?: LogFields) => {
    if (LOG_LEVELS.indexOf(entryLevel) > loudest) return;
    write({ level: entryLevel, msg, time: now(), ...(fields === undefined ? {} : { fields }) });
  };
  return { debug: logAt("debug"), warning: logAt("warning"), error: logAt("error") };
}

/**
 * One entry as one line, with its newline. JSON carries the fields too; they never replace level, msg or time.
 * Source: the TextFormatter and JSONFormatter of logrus 1.9, as read by containerd's shim and podman.
 */
export function formatLogEntry({ level, msg, time, fields }: LogEntry, format: LogFormat): string {
  if (format === "text") return `time=${JSON.stringify(time)} level=${level} msg=${quotedWhereNeeded(msg)}\n`;
  const own = { level, msg, time };
  return `${JSON.stringify({ ...own, ...fields, ...own })}\n`;
}

/** logrus leaves a value bare where it is made of harmless characters only. */
function quotedWhereNeeded(text: string): string {
  return /^[A-Za-z0-9\-._/@^+]+$/.test(text) ? text : JSON.stringify(text);
}
