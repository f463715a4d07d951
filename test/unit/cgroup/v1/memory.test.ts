import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileMemoryV1, memoryProblemsV1 } from "../../../../src/cgroup/v1/memory.ts";
import type { MemoryLimits } from "../../../../src/config/types.gen.ts";
import { writeText } from "../write-text.ts";

const NONE = "9223372036854771712";

function writes(memory: MemoryLimits, limit?: string, memsw?: string): readonly string[] {
  const current =
    limit === undefined || memsw === undefined
      ? {}
      : { current: { "memory.limit_in_bytes": limit, "memory.memsw.limit_in_bytes": memsw } };
  const target = { directory: "/cg/demo", ancestors: [], ...current };
  return compileMemoryV1({ memory }, target).map((write) => writeText(write, "/cg/demo"));
}

test("compileMemoryV1 writes every property of a new cgroup, memory before memory and swap", () => {
  const memory: MemoryLimits = {
    limit: 100,
    swap: 200,
    reservation: 50,
    kernel: 10,
    kernelTCP: 5,
    swappiness: 0,
    disableOOMKiller: true,
    useHierarchy: true,
    checkBeforeUpdate: true,
  };
  assert.deepEqual(writes(memory), [
    "memory.memsw.usage_in_bytes < 200",
    "memory.usage_in_bytes < 100",
    "memory.limit_in_bytes = 100",
    "memory.memsw.limit_in_bytes = 200",
    "memory.use_hierarchy = 1",
    "memory.soft_limit_in_bytes = 50",
    "memory.kmem.limit_in_bytes = 10",
    "memory.kmem.tcp.limit_in_bytes = 5",
    "memory.swappiness = 0",
    "memory.oom_control = 1",
  ]);
});

test("compileMemoryV1 leaves alone what is 0 or absent", () => {
  assert.deepEqual(writes({ limit: 0, swap: 0, reservation: 0, kernel: 0, kernelTCP: 0, checkBeforeUpdate: true }), []);
});

test("compileMemoryV1 lifts memory and swap together when only memory is lifted", () => {
  assert.deepEqual(writes({ limit: -1 }, "100", "200"), [
    "memory.memsw.limit_in_bytes = -1 ?exists",
    "memory.limit_in_bytes = -1",
  ]);
});

test("compileMemoryV1 raises memory and swap first when the new limit is above it", () => {
  assert.deepEqual(writes({ limit: 300, swap: 400 }, "100", "200"), [
    "memory.memsw.limit_in_bytes = 400",
    "memory.limit_in_bytes = 300",
  ]);
  assert.deepEqual(writes({ limit: 50, swap: 60 }, "100", "200"), [
    "memory.limit_in_bytes = 50",
    "memory.memsw.limit_in_bytes = 60",
  ]);
});

test("memoryProblemsV1 explains what the kernel would answer with EINVAL", () => {
  const present = { "memory.limit_in_bytes": "100", "memory.memsw.limit_in_bytes": "200" };
  const cases: readonly [memory: MemoryLimits, current: typeof present | undefined, codes: readonly string[]][] = [
    [{ swap: 100 }, undefined, ["MEMORY_SWAP_WITHOUT_LIMIT"]],
    [{ limit: 100, swap: 99 }, undefined, ["MEMORY_SWAP_BELOW_LIMIT"]],
    [{ limit: 100, swap: 100 }, undefined, []],
    [{ limit: 100, swap: -1 }, undefined, []],
    [{ limit: -1, swap: -1 }, undefined, []],
    [{ limit: 300 }, present, ["MEMORY_LIMIT_ABOVE_SWAP"]],
    [{ limit: 200 }, present, []],
    [{ swap: 150 }, present, []],
    [{ limit: -1 }, present, []],
    [{ limit: 100n, swap: 9_223_372_036_854_775_807n }, undefined, []],
  ];
  for (const [memory, current, codes] of cases) {
    const problems = memoryProblemsV1(memory, current);
    assert.deepEqual(
      problems.map(({ code }) => code),
      codes,
      Object.entries(memory).join(" "),
    );
  }
});

test("compileMemoryV1 never passes through a state that the kernel refuses, from any valid state to any other", () => {
  const amount = fc.constantFrom(-1, 0, 100, 200, 300, 400);
  const state = fc.constantFrom(["100", "100"], ["100", "300"], ["200", "250"], ["300", NONE], [NONE, NONE]);
  fc.assert(
    fc.property(amount, amount, state, (limit, swap, [oldLimit = NONE, oldMemsw = NONE]) => {
      const present = { "memory.limit_in_bytes": oldLimit, "memory.memsw.limit_in_bytes": oldMemsw };
      fc.pre(memoryProblemsV1({ limit, swap }, present).length === 0);
      const files: Record<string, number> = {};
      for (const [file, text] of Object.entries(present)) files[file] = text === NONE ? Infinity : Number(text);
      for (const line of writes({ limit, swap }, oldLimit, oldMemsw)) {
        const [file = "", value] = line.replace(" ?exists", "").split(" = ");
        files[file] = value === "-1" ? Infinity : Number(value);
        assert.ok((files["memory.limit_in_bytes"] ?? 0) <= (files["memory.memsw.limit_in_bytes"] ?? 0), line);
      }
    }),
  );
});
