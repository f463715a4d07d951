import { humanSize } from "./human-size.ts";

/** What shows how far something has come. */
export interface Progress {
  readonly add: (bytes: number) => void;
  /** Takes the bar away; may be called again. */
  readonly end: () => void;
}

export interface ProgressParts {
  readonly label: string;
  /** Absent where it is not known. */
  readonly totalBytes: number | undefined;
  /** Absent: nothing is shown. */
  readonly write: ((text: string) => void) | undefined;
  readonly now?: () => number;
}

/** What is done within this time needs no bar. */
const DELAY_MS = 1000;
const INTERVAL_MS = 100;
const BAR_WIDTH = 30;

/** Shows a bar on a terminal's line, once it has taken a second: what was done, of how much, how fast. */
export function showProgress({ label, totalBytes, write, now = Date.now }: ProgressParts): Progress {
  const started = now();
  let done = 0;
  let next = started + DELAY_MS;
  let isShown = false;
  return {
    add: (bytes) => {
      done += bytes;
      const time = now();
      if (write === undefined || time < next) return;
      next = time + INTERVAL_MS;
      isShown = true;
      write(`\r\x1b[K${progressLine(label, done, totalBytes, time - started)}`);
    },
    end: () => {
      if (isShown) write?.("\r\x1b[K");
      isShown = false;
    },
  };
}

/** "Loading [=====>    ] 52.1MB/104MB 26MB/s". */
export function progressLine(label: string, done: number, total: number | undefined, ms: number): string {
  const rate = `${humanSize(ms === 0 ? 0 : Math.round((done * 1000) / ms))}/s`;
  if (total === undefined || total === 0) return `${label} ${humanSize(done)} ${rate}`;
  const filled = Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
  const bar = `${"=".repeat(Math.max(0, filled - 1))}${filled > 0 ? ">" : ""}`.padEnd(BAR_WIDTH);
  return `${label} [${bar}] ${humanSize(done)}/${humanSize(total)} ${rate}`;
}
