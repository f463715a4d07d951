import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { annotationProperties } from "../../../../src/cgroup/systemd/annotation-properties.ts";
import { resourceProperties } from "../../../../src/cgroup/systemd/resource-properties.ts";
import { INFINITY, type UnitProperty } from "../../../../src/cgroup/systemd/unit-property.ts";
import type { Resources } from "../../../../src/config/types.gen.ts";

const MIB = 1024 * 1024;
const shown = (properties: readonly UnitProperty[]): readonly string[] =>
  properties.map(({ name, signature, words }) => `${name} ${signature} ${words.join(" ")}`);

describe("resourceProperties", () => {
  const CASES: readonly (readonly [what: string, resources: Resources, properties: readonly string[]])[] = [
    ["nothing", {}, []],
    ["a limit of memory", { memory: { limit: 64 * MIB } }, ["MemoryMax t 67108864"]],
    ["no limit", { memory: { limit: -1 } }, [`MemorySwapMax t ${INFINITY}`, `MemoryMax t ${INFINITY}`]],
    ["swap", { memory: { limit: MIB, swap: 3 * MIB } }, ["MemorySwapMax t 2097152", "MemoryMax t 1048576"]],
    ["shares", { cpu: { shares: 1024 } }, ["CPUWeight t 100"]],
    ["idle", { cpu: { idle: 1, shares: 1024 } }, ["CPUWeight t 0"]],
    ["a quota", { cpu: { quota: 50_000 } }, ["CPUQuotaPerSecUSec t 500000", "CPUQuotaPeriodUSec t 100000"]],
    [
      "a quota of an odd part, rounded up",
      { cpu: { quota: 33_333, period: 100_000 } },
      ["CPUQuotaPerSecUSec t 340000", "CPUQuotaPeriodUSec t 100000"],
    ],
    [
      "no quota",
      { cpu: { quota: -1, period: 50_000 } },
      [`CPUQuotaPerSecUSec t ${INFINITY}`, "CPUQuotaPeriodUSec t 50000"],
    ],
    ["processors", { cpu: { cpus: "0-2,9" } }, ["AllowedCPUs ay 2 7 2"]],
    ["memory nodes", { cpu: { mems: "0" } }, ["AllowedMemoryNodes ay 1 1"]],
    ["processes", { pids: { limit: 17 } }, ["TasksMax t 17"]],
    ["weights of I/O", { blockIO: { weight: 500 } }, ["IOWeight t 4950"]],
    [
      "unified files",
      { unified: { "memory.high": "max", "cpu.max": "20000 50000", "io.max": "8:0 rbps=1" } },
      [`MemoryHigh t ${INFINITY}`, "CPUQuotaPerSecUSec t 400000", "CPUQuotaPeriodUSec t 50000"],
    ],
  ];
  for (const [what, resources, properties] of CASES) {
    it(`has properties for ${what}`, () => assert.deepEqual(shown(resourceProperties(resources, true)), properties));
  }

  it("has v1's where the controllers are there", () => {
    const resources = { memory: { limit: MIB }, cpu: { shares: 512, cpus: "0" }, blockIO: { weight: 500 } };
    const expected = ["MemoryLimit t 1048576", "CPUShares t 512", "BlockIOWeight t 500"];
    assert.deepEqual(shown(resourceProperties(resources, false)), expected);
  });

  it("takes what an update leaves out from what there is", () => {
    const current = { "cpu.max": "20000 50000", "memory.max": String(MIB) };
    const resources = { cpu: { quota: 25_000 }, memory: { swap: 2 * MIB } };
    const expected = ["MemorySwapMax t 1048576", "CPUQuotaPerSecUSec t 500000", "CPUQuotaPeriodUSec t 50000"];
    assert.deepEqual(shown(resourceProperties(resources, true, current)), expected);
  });
});

describe("annotationProperties", () => {
  const CASES: readonly (readonly [name: string, text: string, property: string])[] = [
    ["TimeoutStopUSec", "uint64 123", "TimeoutStopUSec t 123"],
    ["TimeoutStopSec", "uint64 7", "TimeoutStopUSec t 7000000"],
    ["TimeoutStopSec", "1.5", "TimeoutStopUSec t 1500000"],
    ["CollectMode", "'inactive'", "CollectMode s inactive"],
    ["SendSIGHUP", "true", "SendSIGHUP b true"],
    ["IOSchedulingPriority", "3", "IOSchedulingPriority i 3"],
    ["After", "['a.service', 'b.service']", "After as 2 a.service b.service"],
  ];
  for (const [name, text, property] of CASES) {
    it(`reads ${text} for ${name}`, () => {
      const { properties, problems } = annotationProperties({ [`org.systemd.property.${name}`]: text, other: "x" });
      assert.deepEqual([shown(properties), problems], [[property], []]);
    });
  }

  for (const [name, text] of [
    ["TimeoutStopUSec", "soon"],
    ["TimeoutStopUSec", "uint99 1"],
    ["lower", "true"],
    ["After", "['a', 1]"],
    ["Names", "'a\\'b'"],
  ] as const) {
    it(`refuses ${text} for ${name} by the annotation's name`, () => {
      const { problems } = annotationProperties({ [`org.systemd.property.${name}`]: text });
      assert.deepEqual(
        problems.map(({ pointer }) => pointer),
        [`/annotations/org.systemd.property.${name}`],
      );
    });
  }
});
