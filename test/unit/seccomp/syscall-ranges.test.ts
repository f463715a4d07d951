import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DecisionGraph, type GraphNode } from "../../../src/seccomp/decision-graph.ts";
import { SyscallRanges } from "../../../src/seccomp/syscall-ranges.ts";
import { Random } from "./random-config.ts";

/** The action of a number, and how many questions it took. */
function decide(root: GraphNode, number: number): { readonly action: number; readonly questions: number } {
  let node = root;
  let questions = 0;
  for (; node.ask !== undefined; questions++) {
    const { jump, value } = node.ask;
    node = (jump === 0x15 ? number === value : number >= value) ? node.yes : node.no;
  }
  return { action: node.action, questions };
}

describe("SyscallRanges.toTree", () => {
  test("decides every number as it was said", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new Random(seed);
      const graph = new DecisionGraph();
      const ranges = new SyscallRanges(graph);
      const expected: number[] = [];
      for (let number = 0; number < 300; number++) {
        const action = random.below(3) === 0 || number === 0 ? random.below(3) : (expected[number - 1] ?? 0);
        expected.push(action);
        ranges.add(number, graph.leaf(action));
      }
      const root = ranges.toTree();
      for (const [number, action] of expected.entries()) assert.equal(decide(root, number).action, action);
      assert.equal(decide(root, 0xffffffff).action, expected.at(-1));
    }
  });

  test("takes about as many questions for each number", () => {
    const graph = new DecisionGraph();
    const ranges = new SyscallRanges(graph);
    for (let number = 0; number < 256; number++) ranges.add(2 * number, graph.leaf(number));
    const root = ranges.toTree();
    const questions = Array.from({ length: 512 }, (_, number) => decide(root, number).questions);
    assert.ok(Math.max(...questions) <= 10, `${Math.max(...questions)} questions`);
  });

  test("spends one question and a quarter on a number that is alone", () => {
    const graph = new DecisionGraph();
    const ranges = new SyscallRanges(graph);
    ranges.add(0, graph.leaf(0));
    for (let number = 1; number <= 100; number++) {
      ranges.add(10 * number, graph.leaf(1));
      ranges.add(10 * number + 1, graph.leaf(0));
    }
    const root = ranges.toTree();
    assert.ok(graph.nodes.length <= 130, `${graph.nodes.length} nodes`);
    assert.ok(decide(root, 500).questions <= 9);
  });

  test("asks nothing where all numbers are alike, and takes the later word", () => {
    const graph = new DecisionGraph();
    const ranges = new SyscallRanges(graph);
    ranges.add(0, graph.leaf(1));
    ranges.add(5, graph.leaf(2));
    ranges.add(5, graph.leaf(1));
    assert.equal(ranges.toTree(), graph.leaf(1));
  });
});
