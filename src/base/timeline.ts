/** Set by `npm run profile` alone; in every other build the bundler leaves out what depends on it. */
declare const MYDOCKER_TIMELINE: boolean | undefined;

const IS_RECORDED = typeof MYDOCKER_TIMELINE === "boolean" && MYDOCKER_TIMELINE;

let recorded = "";

/** Notes that a phase of this run has ended now. Costs nothing but in a build of `npm run profile`. */
export function endPhase(name: string): void {
  if (IS_RECORDED) recorded += `phase ${name} ${Math.round((performance.timeOrigin + performance.now()) * 1000)}\n`;
}

/** The phases so far, a line each: name, and when it ended in microseconds of the epoch. "" but in that build. */
export function recordedPhases(): string {
  return recorded;
}
