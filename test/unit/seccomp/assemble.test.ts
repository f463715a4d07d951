import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError } from "../../../src/base/problem.ts";
import type { Seccomp } from "../../../src/config/types.gen.ts";
import { BPF } from "../../../src/linux/seccomp.ts";
import { assemble } from "../../../src/seccomp/assemble.ts";
import { compileSeccomp } from "../../../src/seccomp/compile-seccomp.ts";
import { DecisionGraph, type GraphNode } from "../../../src/seccomp/decision-graph.ts";
import { BpfSimulator } from "../../helpers/bpf-simulator.ts";
import { ALLOW, EPERM, Filter, on, rule, withRules, X86_64 } from "./simulated-filter.ts";

describe("assemble", () => {
  test("loads a word once for questions that follow each other", () => {
    const graph = new DecisionGraph();
    const [one, two, three] = [graph.leaf(1), graph.leaf(2), graph.leaf(3)];
    const second = graph.test({ word: 16, jump: BPF.JEQ, value: 2 }, two, one);
    const first = graph.test({ word: 16, jump: BPF.JGT, value: 9 }, three, second);
    const { hex, count } = assemble(graph, first, true);
    assert.equal(count, 6);
    assert.deepEqual(codes(hex), [BPF.LOAD, BPF.JGT, BPF.JEQ, BPF.RETURN, BPF.RETURN, BPF.RETURN]);
  });

  test("leaves out what the root does not lead to", () => {
    const graph = new DecisionGraph();
    const root = graph.leaf(7);
    graph.test({ word: 0, jump: BPF.JEQ, value: 1 }, graph.leaf(8), root);
    assert.deepEqual(assemble(graph, root, true), { count: 1, hex: "0600000007000000" });
  });

  test("reaches ends and questions that are farther away than a jump can go", () => {
    const length = 1500;
    const graph = new DecisionGraph();
    const shared = graph.test({ word: 24, jump: BPF.JEQ, value: 5 }, graph.leaf(100), graph.leaf(101));
    let node: GraphNode = graph.leaf(102);
    for (let value = length; value > 0; value--) {
      node = graph.test({ word: 16, jump: BPF.JEQ, value }, value % 2 === 0 ? shared : graph.leaf(value % 7), node);
    }
    const { hex, count } = assemble(graph, node, true);
    assert.ok(count < length + length / 10, `${count} instructions`);
    const simulator = new BpfSimulator(Buffer.from(hex, "hex"));
    for (let value = 1; value <= length; value++) {
      for (const second of [5n, 6n]) {
        const expected = value % 2 === 0 ? (second === 5n ? 100 : 101) : value % 7;
        assert.equal(simulator.run({ nr: 0, arch: 0, args: [BigInt(value), second] }), expected);
      }
    }
    assert.equal(simulator.run({ nr: 0, arch: 0 }), 102);
  });
});

describe("compileSeccomp keeps to the length of a filter", () => {
  test("and compiles one of nearly 4,096 instructions", () => {
    const seccomp = manyValues(4060);
    const program = compileSeccomp(seccomp, { native: X86_64 });
    assert.ok(program.count > 4000 && program.count <= 4096, `${program.count} instructions`);
    assert.equal(program.instructions.length, 16 * program.count);
    const filter = new Filter(seccomp);
    for (const value of [0n, 1n, 2n, 2000n, 4059n]) assert.equal(filter.call("ioctl", [value * 3n]), ALLOW);
    for (const value of [1n, 6001n, 12178n, 1n << 32n]) assert.equal(filter.call("ioctl", [value]), EPERM);
  });

  test("and refuses a longer one with its place and length", () => {
    assert.throws(
      () => compileSeccomp(manyValues(5000), { native: X86_64 }),
      (error) =>
        error instanceof ConfigError &&
        error.details.pointer === "/linux/seccomp" &&
        /makes a filter of 50\d\d instructions, and the kernel takes 4096 at most/.test(
          error.problems[0]?.message ?? "",
        ),
    );
  });
});

function manyValues(count: number): Seccomp {
  const values = Array.from({ length: count }, (_, index) => on(0, "SCMP_CMP_EQ", 3 * index));
  return withRules(rule("ioctl", "SCMP_ACT_ALLOW", ...values));
}

function codes(hex: string): readonly number[] {
  return (hex.match(/.{16}/g) ?? []).map((instruction) => Number.parseInt(instruction.slice(0, 2), 16));
}
