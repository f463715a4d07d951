import { BPF, BPF_MAXINSNS } from "../linux/seccomp.ts";
import type { DecisionGraph, GraphNode, Leaf, Test } from "./decision-graph.ts";

/** A program of struct sock_filter, as memory holds it. */
export interface BpfProgram {
  /** How many instructions it has; above BPF_MAXINSNS the kernel refuses it, and `hex` is cut off. */
  readonly count: number;
  /** Lower-case hexadecimal, 16 digits an instruction. */
  readonly hex: string;
}

/** Translates the part of a graph that its root leads to. Source: linux/filter.h, the kernel's networking/filter.rst. */
export function assemble(graph: DecisionGraph, root: GraphNode, littleEndian: boolean): BpfProgram {
  const reached = reachedNodes(graph, root);
  const writer = new BackwardWriter(graph.nodes.length, littleEndian);
  for (const node of graph.nodes) {
    const how = reached[node.id] ?? 0;
    if (how === 0) continue;
    if (node.ask === undefined) writer.addLeaf(node);
    else writer.addTest(node, (how & NEEDS_LOAD) !== 0);
  }
  return { count: writer.count, hex: writer.toHex() };
}

const REACHED = 1;
/** Somebody comes without the node's word in the accumulator. */
const NEEDS_LOAD = 2;

/** Marks, by id, the nodes that the root leads to. */
function reachedNodes(graph: DecisionGraph, root: GraphNode): Uint8Array {
  const reached = new Uint8Array(graph.nodes.length);
  reached[root.id] = REACHED | NEEDS_LOAD;
  for (let id = root.id; id >= 0; id--) {
    const node = graph.nodes[id];
    if (node?.ask === undefined || reached[id] === 0) continue;
    const held = heldAfter(node);
    markNext(reached, node.yes, held);
    markNext(reached, node.no, held);
  }
  return reached;
}

function markNext(reached: Uint8Array, node: GraphNode, held: number): void {
  const needsLoad = node.ask !== undefined && node.ask.word !== held;
  reached[node.id] = (reached[node.id] ?? 0) | (needsLoad ? REACHED | NEEDS_LOAD : REACHED);
}

/** No word of seccomp_data: a mask has changed it. */
const NO_WORD = -1;

/** Which word the accumulator holds when the node's question is answered. */
function heldAfter(node: Test): number {
  return node.ask.mask === undefined ? node.ask.word : NO_WORD;
}

/** A conditional jump has 8 bits for each distance. */
const MAX_DISTANCE = 255;

/**
 * Writes a program from its end, so that the distance of every jump is known when it is written. A place is counted
 * from the end too: the last instruction is at 0.
 */
class BackwardWriter {
  count = 0;
  private readonly memory = new DataView(new ArrayBuffer(INSTRUCTION_BYTES * BPF_MAXINSNS));
  private readonly littleEndian: boolean;
  /** By node: the place that expects its word in the accumulator, and the one that loads it. */
  private readonly places: Int32Array;
  private readonly loadPlaces: Int32Array;

  constructor(nodes: number, littleEndian: boolean) {
    this.littleEndian = littleEndian;
    this.places = new Int32Array(nodes);
    this.loadPlaces = new Int32Array(nodes);
  }

  addLeaf(leaf: Leaf): void {
    this.places[leaf.id] = this.push(BPF.RETURN, leaf.action);
  }

  addTest(test: Test, needsLoad: boolean): void {
    const { id, ask } = test;
    const held = heldAfter(test);
    const yes = this.near(test.yes, held);
    const no = this.near(test.no, held);
    const behind = this.count - 1;
    let place = this.push(ask.jump, ask.value, ((behind - yes) << 8) | (behind - no));
    if (ask.mask !== undefined) place = this.push(BPF.AND, ask.mask);
    this.places[id] = place;
    if (needsLoad) this.loadPlaces[id] = this.push(BPF.LOAD, ask.word);
  }

  /** The target's place, brought nearer where the next two instructions could not jump so far. */
  private near(target: GraphNode, held: number): number {
    const places = target.ask === undefined || target.ask.word === held ? this.places : this.loadPlaces;
    const place = places[target.id] ?? 0;
    const distance = this.count - 1 - place;
    if (distance + 2 <= MAX_DISTANCE) return place;
    const nearer = target.ask === undefined ? this.push(BPF.RETURN, target.action) : this.push(BPF.JUMP, distance);
    places[target.id] = nearer;
    return nearer;
  }

  /** Puts an instruction in front of the others; `jumps` has 8 bits for "yes" above 8 bits for "no". */
  private push(code: number, value: number, jumps = 0): number {
    const place = this.count++;
    const at = INSTRUCTION_BYTES * (BPF_MAXINSNS - this.count);
    if (at < 0) return place;
    const head = this.littleEndian ? code | ((jumps >> 8) << 16) | (jumps << 24) : (code << 16) | jumps;
    this.memory.setUint32(at, head, this.littleEndian);
    this.memory.setUint32(at + 4, value, this.littleEndian);
    return place;
  }

  toHex(): string {
    const count = Math.min(this.count, BPF_MAXINSNS);
    return hexOf(new Uint8Array(this.memory.buffer, INSTRUCTION_BYTES * (BPF_MAXINSNS - count)));
  }
}

/** The size of struct sock_filter. */
const INSTRUCTION_BYTES = 8;

/** Engines that have toHex (ES2026) are spared the setting up of Buffer, a good part of the time that all this takes. */
function hexOf(bytes: Uint8Array & { readonly toHex?: () => string }): string {
  return bytes.toHex?.() ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
