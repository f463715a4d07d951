import { BPF, SECCOMP_DATA } from "../linux/seccomp.ts";
import type { DecisionGraph, GraphNode } from "./decision-graph.ts";

/** Exceptions that are asked for one after the other: a tree for as many is as deep, and twice as long. */
const MAX_LISTED = 4;

/**
 * What happens to every system call number of an architecture, as ranges: each goes up to the start of the next one,
 * which has another outcome.
 */
export class SyscallRanges {
  private readonly graph: DecisionGraph;
  private readonly starts: number[] = [];
  private readonly outcomes: GraphNode[] = [];

  constructor(graph: DecisionGraph) {
    this.graph = graph;
  }

  /** Says what happens from a number on. Numbers must not descend; said twice of a number, the later counts. */
  add(start: number, outcome: GraphNode): void {
    const { starts, outcomes } = this;
    if (starts[starts.length - 1] === start) {
      starts.pop();
      outcomes.pop();
    }
    if (outcomes[outcomes.length - 1] === outcome) return;
    starts.push(start);
    outcomes.push(outcome);
  }

  /** The root of a balanced tree of questions about the number. */
  toTree(): GraphNode {
    return this.tree(0, this.starts.length);
  }

  /** Decides among the ranges from `first` up to and without `end`. */
  private tree(first: number, end: number): GraphNode {
    const usual = this.usualOutcome(first, end);
    if (usual !== undefined) return this.list(first, end, usual);
    const middle = middleOf(first, end);
    const above = this.tree(middle, end);
    const below = this.tree(first, middle);
    return this.graph.test({ word: SECCOMP_DATA.nr, jump: BPF.JGE, value: this.startAt(middle) }, above, below);
  }

  /** The outcome to which few enough single numbers are exceptions, if there is one: it is the first or the second. */
  private usualOutcome(first: number, end: number): GraphNode | undefined {
    if (end - first > 2 * MAX_LISTED + 1) return undefined;
    const one = this.outcomeAt(first);
    if (this.isUsual(first, end, one)) return one;
    const other = this.outcomeAt(first + 1);
    return this.isUsual(first, end, other) ? other : undefined;
  }

  private isUsual(first: number, end: number, usual: GraphNode): boolean {
    let exceptions = 0;
    for (let index = first; index < end; index++) {
      if (this.outcomes[index] === usual) continue;
      exceptions += 1;
      if (exceptions > MAX_LISTED || this.starts[index + 1] !== this.startAt(index) + 1) return false;
    }
    return true;
  }

  private list(first: number, end: number, usual: GraphNode): GraphNode {
    let node = usual;
    for (let index = end - 1; index >= first; index--) {
      const outcome = this.outcomeAt(index);
      if (outcome === usual) continue;
      node = this.graph.test({ word: SECCOMP_DATA.nr, jump: BPF.JEQ, value: this.startAt(index) }, outcome, node);
    }
    return node;
  }

  private startAt(index: number): number {
    return this.starts[index] ?? 0;
  }

  private outcomeAt(index: number): GraphNode {
    const outcome = this.outcomes[index];
    if (outcome === undefined) throw new RangeError(`no range ${index} of ${this.outcomes.length}`);
    return outcome;
  }
}

/** Halves a span of ranges; a long one at a multiple of what a full list of exceptions takes. */
function middleOf(first: number, end: number): number {
  const lists = Math.ceil((end - first) / (2 * MAX_LISTED));
  return lists < 2 ? (first + end) >> 1 : first + 2 * MAX_LISTED * (lists >> 1);
}
