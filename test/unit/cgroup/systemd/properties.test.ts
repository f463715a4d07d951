import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { annotationProperties } from "../../../../src/cgroup/systemd/annotation-properties.ts";
import { changedDeviceProperties, deviceProperties } from "../../../../src/cgroup/systemd/device-properties.ts";
import { resourceProperties } from "../../../../src/cgroup/systemd/resource-properties.ts";
import { oomPolicyProperties } from "../../../../src/cgroup/systemd/unified-properties.ts";
import { INFINITY, type UnitProperty } from "../../../../src/cgroup/systemd/unit-property.ts";
import { asksForVersion } from "../../../../src/cgroup/systemd/version.ts";
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
    it(`has properties for ${what}`, () =>
      assert.deepEqual(shown(resourceProperties(resources, { isUnified: true, version: 252 })), properties));
  }

  it("has v1's where the controllers are there", () => {
    const resources = { memory: { limit: MIB }, cpu: { shares: 512, cpus: "0" }, blockIO: { weight: 500 } };
    const expected = ["MemoryLimit t 1048576", "CPUShares t 512", "BlockIOWeight t 500", "AllowedCPUs ay 1 1"];
    assert.deepEqual(shown(resourceProperties(resources, { isUnified: false })), expected);
  });

  it("takes what an update leaves out from what there is", () => {
    const current = { "cpu.max": "20000 50000", "memory.max": String(MIB) };
    const resources = { cpu: { quota: 25_000 }, memory: { swap: 2 * MIB } };
    const expected = ["MemorySwapMax t 1048576", "CPUQuotaPerSecUSec t 500000", "CPUQuotaPeriodUSec t 50000"];
    assert.deepEqual(shown(resourceProperties(resources, { isUnified: true, current })), expected);
  });
});

describe("a manager's version", () => {
  const idle: Resources = { cpu: { idle: 1 }, unified: { "cpu.idle": "1", "memory.oom.group": "1" } };

  it("is asked for where properties depend on it", () => {
    const asked = [idle, { cpu: { idle: 1 } }, { unified: { "memory.oom.group": "0" } }, { cpu: { idle: 0 } }, {}];
    assert.deepEqual(asked.map(asksForVersion), [true, true, true, false, false]);
  });

  it("decides on what is new in it", () => {
    const at = (version: number) =>
      shown([...resourceProperties(idle, { isUnified: true, version }), ...oomPolicyProperties(idle, version)]);
    assert.deepEqual([249, 252, 253].map(at), [
      [],
      ["CPUWeight t 0", "CPUWeight t 0"],
      ["CPUWeight t 0", "CPUWeight t 0", "OOMPolicy s kill"],
    ]);
  });
});

describe("deviceProperties", () => {
  const DENY_ALL = { allow: false, access: "rwm" } as const;
  const DENY_NULL = { allow: false, type: "c", major: 1, minor: 3, access: "rwm" } as const;
  const text = (devices: Resources["devices"], isUnified: boolean) => shown(deviceProperties(devices, isUnified));
  const required = [
    ...["char-* m", "block-* m", "/dev/char/1:3 rwm", "/dev/char/1:5 rwm", "/dev/char/1:7 rwm", "/dev/char/1:8 rwm"],
    ...["/dev/char/1:9 rwm", "/dev/char/5:0 rwm", "/dev/char/5:1 rwm", "/dev/char/5:2 rwm", "char-136 rwm"],
  ];
  const strict = (...more: readonly string[]) => {
    const all = [...more, ...required];
    return ["DevicePolicy s strict", "DeviceAllow a(ss) 0", `DeviceAllow a(ss) ${all.length} ${all.join(" ")}`];
  };

  it("allows what every container must have where the config says nothing", () => {
    assert.deepEqual([text(undefined, true), text([DENY_ALL], false)], [strict(), strict()]);
  });

  it("names a device by its numbers, or a whole major one", () => {
    const one = { allow: true, type: "b", major: 8, minor: 1, access: "r" } as const;
    const many = { allow: true, type: "c", major: 195, access: "rw" } as const;
    assert.deepEqual(text([DENY_ALL, one, many], true), strict("/dev/block/8:1 r", "char-195 rw"));
  });

  it("has no policy where all is allowed, and on v2 where something is not, which the container's own program denies", () => {
    const everything = ["DevicePolicy s auto", "DeviceAllow a(ss) 0"];
    const all = { allow: true, access: "rwm" } as const;
    assert.deepEqual(
      [text([all], true), text([all], false), text([all, DENY_NULL], true)],
      [everything, everything, everything],
    );
  });

  it("allows all by name in an update on v2, where a program of before would stay otherwise", () => {
    const all = [{ allow: true, access: "rwm" }] as const;
    const everything = "DeviceAllow a(ss) 2 char-* rwm block-* rwm";
    assert.deepEqual(shown(changedDeviceProperties(all, true)), [
      "DevicePolicy s strict",
      "DeviceAllow a(ss) 0",
      everything,
    ]);
    assert.deepEqual(shown(changedDeviceProperties(all, false)), text(all, false));
    assert.deepEqual(shown(changedDeviceProperties([DENY_ALL], true)), strict());
  });

  it("allows too much on v2, and too little on v1, where it has no words", () => {
    const minors = { allow: true, type: "c", minor: 3, access: "r" } as const;
    assert.match(text([DENY_ALL, minors], true)[2] ?? "", /^DeviceAllow a\(ss\) 11 char-\* rm /);
    assert.deepEqual(text([DENY_ALL, minors], false), strict());
    assert.deepEqual(text([{ allow: true, access: "rwm" }, DENY_NULL], false), strict());
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
