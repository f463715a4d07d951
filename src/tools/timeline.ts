/** One line of a timeline: what ended, and how long it took since the one before it of the same process. */
export interface Span {
  readonly who: string;
  readonly name: string;
  readonly us: number;
}

const STAGES = ["parent", "intermediate", "init"];

/**
 * Reads what the engine (src/base/timeline.ts) and the static program (native/timeline.c) have noted: lines that end with
 * microseconds of the epoch. The processes run side by side, so each step is compared with the one before of its process.
 */
export function parseTimeline(text: string, startUs: number): readonly Span[] {
  const last = new Map<string, number>([["engine", startUs]]);
  return text.split("\n").flatMap((line) => {
    const [, what = "", name = "", time = ""] = /^(phase|step \d) (.*) (\d+)$/.exec(line) ?? [];
    if (what === "") return [];
    const who = what === "phase" ? "engine" : (STAGES[Number(what.slice("step ".length))] ?? what);
    const us = Number(time) - (last.get(who) ?? Math.max(...last.values()));
    last.set(who, Number(time));
    // The parent goes on in the engine's process.
    if (name === "execute-the-static-program") last.set("parent", Number(time));
    return [{ who, name, us }];
  });
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
