import type { Contender } from "./contenders.ts";

/** What every section of the benchmark is given. */
export interface BenchContext {
  /** Holds the root filesystem and the bundles; removed at the end. */
  readonly directory: string;
  /** Holds everybody's state roots, on a tmpfs where there is one; removed at the end. */
  readonly states: string;
  readonly contenders: readonly Contender[];
  /** How often each command is measured. */
  readonly rounds: number;
  /** How many containers `list` shows. */
  readonly listed: number;
  /** How many containers are alive at once in the last section. */
  readonly alive: number;
  /** How large the large file of the images is. */
  readonly megabytes: number;
}

/** A part of the report. */
export interface Section {
  readonly title: string;
  /** Markdown. */
  readonly text: string;
}

/** Back to back, and with idling as in real life: it shows waits for the kernel that hurrying hides. */
export const PAUSES_MS = [0, 40] as const;

export function pauseText(pauseMs: number): string {
  return pauseMs === 0 ? "back to back" : `${pauseMs} ms of idling before each`;
}
