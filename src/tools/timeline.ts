import { readTrace } from "../plan/step-times.ts";

/** One line of a timeline: what ended, and how long it took since the one before it of the same process. */
export interface Span {
  readonly who: string;
  readonly name: string;
  readonly us: number;
}

/**
 * Reads what the engine has noted (src/base/timeline.ts), lines that end with microseconds of the epoch, and the trace of
 * the plan that it handed over.
 */
export function parseTimeline(text: string, startUs: number): readonly Span[] {
  const begun = [...text.matchAll(/^(?:phase (.*)|begin) (\d+)$/gm)].map(([, name, time]) => ({
    name: name ?? "execute the static program",
    us: Number(time),
  }));
  const phases = begun.map(({ name, us }, index) => ({
    who: "engine",
    name,
    us: us - (begun[index - 1]?.us ?? startUs),
  }));
  return [...phases, ...readTrace(text).map(({ at, op, us }) => ({ who: at, name: op, us }))];
}

/** A line for each phase, and for each operation of a process, however often it was carried out. */
export function timelineText(spans: readonly Span[], totalUs: number): string {
  const sums = new Map<string, { us: number; count: number }>();
  for (const { who, name, us } of spans) {
    const key = `${who.padEnd(14)}${name}`;
    const sum = sums.get(key) ?? { us: 0, count: 0 };
    sums.set(key, { us: sum.us + us, count: sum.count + 1 });
  }
  const lines = [...sums].map(([key, { us, count }]) => `${ms(us)}  ${key}${count > 1 ? ` × ${count}` : ""}`);
  return [...lines, `${ms(totalUs)}  total, from the outside`].join("\n");
}

function ms(us: number): string {
  return `${(us / 1000).toFixed(2).padStart(9)} ms`;
}
