import { createLogger, formatLogEntry, type LogEntry, type LogFormat, type LogLevel } from "../base/log.ts";
import type { Host } from "./host.ts";
import { reportError } from "./report-error.ts";

/** The flags that say where messages go. Before a line is parsed, none is known. */
export interface ReportFlags {
  readonly log?: string;
  readonly "log-format"?: LogFormat;
  readonly "log-level"?: LogLevel;
  readonly debug?: boolean;
}

/** Tells the caller, once, what went wrong; and before that, what it should know. */
export interface Reporter {
  /** Whether debug entries are written at all. */
  readonly isDebugging: boolean;
  readonly debug: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly fail: (thrown: unknown) => void;
}

type ReportHost = Pick<Host, "write" | "append" | "now" | "isTerminal">;

/**
 * With --log, entries go to that file; without, to stderr. A failure is one entry of level error, and with --log it is
 * printed on stderr as well: containerd reads the log, conmon and CRI-O read stderr, and so do people. runc and crun do
 * the same. stderr gets plain sentences, unless JSON was asked for and there is no log to put it in; debug entries tell
 * the time and are lines of a log there as well.
 */
export function createReporter(flags: ReportFlags, host: ReportHost): Reporter {
  const logFile = flags.log === undefined || flags.log === "" ? undefined : flags.log;
  const format = flags["log-format"] ?? "text";
  const say = (text: string) => host.write(2, `mydocker-runtime: ${text}\n`);
  const write = logFile === undefined ? stderrSink(format, host, say) : fileSink(logFile, format, host, say);
  const level = flags.debug === true ? "debug" : (flags["log-level"] ?? "warning");
  const logger = createLogger({ level, now: host.now, write });
  return {
    isDebugging: level === "debug",
    debug: logger.debug,
    warn: logger.warning,
    fail: (thrown) => {
      const { line, text, fields } = reportError(thrown);
      if (thrown instanceof Error) logger.debug(String(thrown.stack));
      if (logFile !== undefined || format === "json") logger.error(line, fields);
      if (logFile !== undefined) say(host.isTerminal(2) ? text : line);
      else if (format === "text") say(text);
    },
  };
}

type Sink = (entry: LogEntry) => void;
type Say = (text: string) => void;

function stderrSink(format: LogFormat, host: ReportHost, say: Say): Sink {
  return (entry) => {
    if (format === "json" || entry.level === "debug") host.write(2, formatLogEntry(entry, format));
    else say(`${entry.level}: ${entry.msg}`);
  };
}

/** A log that cannot be written is said on stderr once, and changes nothing else: the verb has its own result. */
function fileSink(path: string, format: LogFormat, host: ReportHost, say: Say): Sink {
  let isWritable = true;
  return (entry) => {
    if (!isWritable) return;
    try {
      host.append(path, formatLogEntry(entry, format));
    } catch (error) {
      isWritable = false;
      say(`warning: ${reportError(error).line}`);
    }
  };
}
