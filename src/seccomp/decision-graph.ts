import { BPF } from "../linux/seccomp.ts";

/** A question about one 32-bit word of struct seccomp_data, which one jump of classic BPF can answer. */
export interface Question {
  /** The word's offset in bytes. */
  readonly word: number;
  /** The jump: BPF.JEQ, JGT, JGE or JSET. */
  readonly jump: number;
  readonly value: number;
  /** Applied to the word first; absent for the whole word. */
  readonly mask?: number;
}

/** An end of the graph: what the filter returns. */
export interface Leaf {
  readonly id: number;
  readonly ask: undefined;
  readonly action: number;
}

export interface Test {
  readonly id: number;
  readonly ask: Question;
  readonly yes: GraphNode;
  readonly no: GraphNode;
}

export type GraphNode = Leaf | Test;

/**
 * The filter as a graph of questions without cycles. It is built from its ends, so every node is younger than those it
 * leads to, and a question whose answer is known on the way to it is left out.
 */
export class DecisionGraph {
  /** Every node by id, in the order of making; some of them may have become superfluous. */
  readonly nodes: GraphNode[] = [];
  private readonly leaves = new Map<number, Leaf>();

  /** The one end with that action. */
  leaf(action: number): Leaf {
    const known = this.leaves.get(action);
    if (known !== undefined) return known;
    const leaf: Leaf = { id: this.nodes.length, ask: undefined, action };
    this.leaves.set(action, leaf);
    this.nodes.push(leaf);
    return leaf;
  }

  /** Where to go, depending on the answer; a new node unless both ways lead to the same place. */
  test(ask: Question, yes: GraphNode, no: GraphNode): GraphNode {
    const ifYes = afterYes(yes, ask);
    const ifNo = skipQuestion(no, ask, false);
    if (ifYes === ifNo) return ifYes;
    const node: Test = { id: this.nodes.length, ask, yes: ifYes, no: ifNo };
    this.nodes.push(node);
    return node;
  }
}

/** Where a node leads to once a word's value is known. */
export function knowing(node: GraphNode, word: number, value: number): GraphNode {
  let place = node;
  while (place.ask !== undefined && place.ask.word === word) place = holds(place.ask, value) ? place.yes : place.no;
  return place;
}

function afterYes(node: GraphNode, ask: Question): GraphNode {
  if (ask.jump === BPF.JEQ && ask.mask === undefined) return knowing(node, ask.word, ask.value);
  return skipQuestion(node, ask, true);
}

function skipQuestion(node: GraphNode, ask: Question, answer: boolean): GraphNode {
  let place = node;
  while (place.ask !== undefined && isSame(place.ask, ask)) place = answer ? place.yes : place.no;
  return place;
}

function isSame(a: Question, b: Question): boolean {
  return a.value === b.value && a.word === b.word && a.jump === b.jump && a.mask === b.mask;
}

function holds(ask: Question, word: number): boolean {
  const value = ask.mask === undefined ? word : (word & ask.mask) >>> 0;
  switch (ask.jump) {
    case BPF.JEQ:
      return value === ask.value;
    case BPF.JGT:
      return value > ask.value;
    case BPF.JGE:
      return value >= ask.value;
    case BPF.JSET:
      return (value & ask.value) !== 0;
    default:
      throw new RangeError(`not a conditional jump: ${ask.jump}`);
  }
}
