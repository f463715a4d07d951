import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "../../../src/base/errors.ts";
import type { Resources } from "../../../src/config/types.gen.ts";
import type { ResourceChanges } from "../../../src/runtime/options.ts";
import { changedResources } from "../../../src/runtime/update-changes.ts";

const GIB = 2 ** 30;

describe("changedResources", () => {
  const cases: readonly (readonly [changes: ResourceChanges, resources: Resources, pointer: string, flag: string])[] = [
    [{ blkioWeight: "500" }, { blockIO: { weight: 500 } }, "/linux/resources/blockIO/weight", "--blkio-weight"],
    [{ cpuPeriod: "100000" }, { cpu: { period: 100_000 } }, "/linux/resources/cpu/period", "--cpu-period"],
    [{ cpuQuota: "-1" }, { cpu: { quota: -1 } }, "/linux/resources/cpu/quota", "--cpu-quota"],
    [{ cpuBurst: "0" }, { cpu: { burst: 0 } }, "/linux/resources/cpu/burst", "--cpu-burst"],
    [{ cpuShare: "2" }, { cpu: { shares: 2 } }, "/linux/resources/cpu/shares", "--cpu-share"],
    [{ cpuRtPeriod: "1" }, { cpu: { realtimePeriod: 1 } }, "/linux/resources/cpu/realtimePeriod", "--cpu-rt-period"],
    [
      { cpuRtRuntime: "1" },
      { cpu: { realtimeRuntime: 1 } },
      "/linux/resources/cpu/realtimeRuntime",
      "--cpu-rt-runtime",
    ],
    [{ cpuIdle: "1" }, { cpu: { idle: 1 } }, "/linux/resources/cpu/idle", "--cpu-idle"],
    [{ cpusetCpus: "0-3,7" }, { cpu: { cpus: "0-3,7" } }, "/linux/resources/cpu/cpus", "--cpuset-cpus"],
    [{ cpusetMems: "0" }, { cpu: { mems: "0" } }, "/linux/resources/cpu/mems", "--cpuset-mems"],
    [{ memory: "4096" }, { memory: { limit: 4096 } }, "/linux/resources/memory/limit", "--memory"],
    [
      { memoryReservation: "1k" },
      { memory: { reservation: 1024 } },
      "/linux/resources/memory/reservation",
      "--memory-reservation",
    ],
    [{ memorySwap: "-1" }, { memory: { swap: -1 } }, "/linux/resources/memory/swap", "--memory-swap"],
    [{ kernelMemory: "2b" }, { memory: { kernel: 2 } }, "/linux/resources/memory/kernel", "--kernel-memory"],
    [
      { kernelMemoryTcp: "2" },
      { memory: { kernelTCP: 2 } },
      "/linux/resources/memory/kernelTCP",
      "--kernel-memory-tcp",
    ],
    [{ pidsLimit: "-1" }, { pids: { limit: -1 } }, "/linux/resources/pids/limit", "--pids-limit"],
  ];
  for (const [changes, resources, pointer, flag] of cases) {
    it(`reads ${JSON.stringify(changes)}, and remembers ${flag}`, () => {
      assert.deepEqual(changedResources(changes), { resources, flags: { [pointer]: flag } });
    });
  }

  it("puts what belongs together into one section", () => {
    const { resources } = changedResources({ memory: "1g", memorySwap: "2g", cpuQuota: "5", cpusetCpus: "0" });
    assert.deepEqual(resources, { memory: { limit: GIB, swap: 2 * GIB }, cpu: { quota: 5, cpus: "0" } });
  });

  for (const [text, bytes] of [
    ["1m", 2 ** 20],
    ["1M", 2 ** 20],
    ["1mb", 2 ** 20],
    ["1MiB", 2 ** 20],
    ["1 gib", GIB],
    ["1.5g", 1.5 * GIB],
    ["3t", 3 * 2 ** 40],
    ["1p", 2 ** 50],
    ["9223372036854775807", 9223372036854775807n],
  ] as const) {
    it(`takes "${text}" for ${bytes} bytes`, () => {
      assert.deepEqual(changedResources({ memory: text }).resources, { memory: { limit: bytes } });
    });
  }

  const refused: readonly (readonly [changes: ResourceChanges, flag: string])[] = [
    [{ memory: "much" }, "--memory"],
    [{ memory: "-2" }, "--memory"],
    [{ memory: "1x" }, "--memory"],
    [{ memory: "20000000000g" }, "--memory"],
    [{ cpuShare: "-5" }, "--cpu-share"],
    [{ cpuQuota: "1.5" }, "--cpu-quota"],
    [{ cpuQuota: "99999999999999999999" }, "--cpu-quota"],
    [{ pidsLimit: "ten" }, "--pids-limit"],
  ];
  for (const [changes, flag] of refused) {
    it(`refuses ${JSON.stringify(changes)}, and names the flag`, () => {
      assert.throws(
        () => changedResources(changes),
        (error) => error instanceof UsageError && error.details.flag === flag && error.message.includes(flag),
      );
    });
  }
});
