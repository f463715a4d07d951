/** How long each phase of a command took, for `--time`. The first one began with the process. */
export class PhaseClock {
  readonly #phases: { readonly name: string; readonly ms: number }[] = [];
  #last = 0;

  /** Says what has ended now. */
  readonly end = (name: string): void => {
    const now = performance.now();
    this.#phases.push({ name, ms: now - this.#last });
    this.#last = now;
  };

  /** A line each, and their sum. */
  text(): string {
    const rows = [...this.#phases, { name: "all of it", ms: this.#last }];
    return rows.map(({ name, ms }) => `${ms.toFixed(2).padStart(10)} ms  ${name}\n`).join("");
  }
}
