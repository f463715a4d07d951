import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SeccompOperator } from "../../../src/config/types.gen.ts";
import { ALL_BITS, word64 } from "../../../src/seccomp/condition.ts";
import { inOrder } from "../../../src/seccomp/rule-order.ts";
import type { Rule } from "../../../src/seccomp/rules.ts";

type Written = readonly [index: number, operator: SeccompOperator, value: number | bigint];

function rules(list: readonly (readonly Written[])[]): readonly Rule[] {
  return list.map((conditions, entry) => ({
    entry,
    action: entry,
    conditions: conditions.map(([index, operator, value]) => ({
      index,
      operator,
      value: word64(value),
      mask: ALL_BITS,
    })),
  }));
}

describe("inOrder puts", () => {
  const cases: Readonly<Record<string, readonly [readonly (readonly Written[])[], readonly number[]]>> = {
    "a later argument first": [
      [[[0, "SCMP_CMP_EQ", 1]], [[2, "SCMP_CMP_EQ", 1]], [[1, "SCMP_CMP_EQ", 1]]],
      [1, 2, 0],
    ],
    "equality before upper bounds before lower bounds": [
      [[[0, "SCMP_CMP_GE", 9]], [[0, "SCMP_CMP_LT", 8]], [[0, "SCMP_CMP_EQ", 1]], [[0, "SCMP_CMP_NE", 5]]],
      [3, 2, 1, 0],
    ],
    "larger numbers first": [
      [[[0, "SCMP_CMP_GT", 1]], [[0, "SCMP_CMP_GT", 2n ** 40n]], [[0, "SCMP_CMP_GT", 7]]],
      [1, 2, 0],
    ],
    "smaller upper bounds first": [
      [[[0, "SCMP_CMP_LE", 7]], [[0, "SCMP_CMP_LE", 2n ** 40n]], [[0, "SCMP_CMP_LT", 1]]],
      [2, 0, 1],
    ],
    "a rule before those that add conditions to it": [
      [
        [
          [0, "SCMP_CMP_EQ", 1],
          [1, "SCMP_CMP_EQ", 9],
        ],
        [[0, "SCMP_CMP_EQ", 1]],
        [
          [0, "SCMP_CMP_EQ", 2],
          [1, "SCMP_CMP_EQ", 9],
        ],
      ],
      [2, 1, 0],
    ],
    "rules with the same first condition together": [
      [
        [
          [0, "SCMP_CMP_EQ", 1],
          [1, "SCMP_CMP_EQ", 1],
        ],
        [
          [0, "SCMP_CMP_NE", 1],
          [1, "SCMP_CMP_EQ", 2],
        ],
        [
          [0, "SCMP_CMP_GT", 1],
          [1, "SCMP_CMP_EQ", 4],
        ],
        [
          [0, "SCMP_CMP_EQ", 1],
          [1, "SCMP_CMP_EQ", 3],
        ],
      ],
      [3, 1, 0, 2],
    ],
    "what is equal in the order of the config": [
      [[[0, "SCMP_CMP_GE", 1]], [[0, "SCMP_CMP_GT", 1]]],
      [0, 1],
    ],
  };
  for (const [name, [list, expected]] of Object.entries(cases)) {
    test(name, () => {
      assert.deepEqual(
        inOrder(rules(list), 64).map(({ entry }) => entry),
        expected,
      );
    });
  }
});

test("inOrder compares what a 32-bit architecture can see", () => {
  const masked = { index: 0, operator: "SCMP_CMP_MASKED_EQ", value: word64(0), mask: word64(8) } as const;
  const equal = { index: 0, operator: "SCMP_CMP_EQ", value: word64(3), mask: word64(0xffffffff) } as const;
  const list = [masked, equal].map((condition, entry) => ({ entry, action: entry, conditions: [condition] }));
  assert.deepEqual(
    [32, 64].map((bits) => inOrder(list, bits === 32 ? 32 : 64).map(({ entry }) => entry)),
    [
      [1, 0],
      [0, 1],
    ],
  );
});
