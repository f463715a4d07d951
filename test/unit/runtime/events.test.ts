import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseNetworkInterfaces } from "../../../src/runtime/events-network.ts";
import { watchOom } from "../../../src/runtime/events-oom.ts";
import { readStats } from "../../../src/runtime/events-stats.ts";

const directory = mkdtempSync(join(tmpdir(), "mdr-events-"));
after(() => rmSync(directory, { recursive: true }));

describe("parseNetworkInterfaces", () => {
  it("reads every interface but the loopback", () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  eth0: 18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
eth0:1:       1       0    0    0    0     0          0         0        2       0    0    0    0     0       0          0
`;
    const [first, second, ...more] = parseNetworkInterfaces(text);
    assert.deepEqual(first, {
      Name: "eth0",
      RxBytes: 18446744073709551615n,
      RxPackets: 2,
      RxErrors: 3,
      RxDropped: 4,
      TxBytes: 9,
      TxPackets: 10,
      TxErrors: 11,
      TxDropped: 12,
    });
    assert.deepEqual([second?.Name, second?.RxBytes, second?.TxBytes, more], ["eth0:1", 1, 2, []]);
  });
});

describe("watchOom", () => {
  it("tells once when the count of v2 rises", () => {
    const events = join(directory, "memory.events");
    writeFileSync(events, "low 0\noom 1\noom_kill 1\n");
    const watch = watchOom({ v1: {}, v2: directory });
    assert.equal(watch.hasHappened(), false);
    writeFileSync(events, "low 0\noom 2\noom_kill 3\n");
    assert.deepEqual([watch.hasHappened(), watch.hasHappened()], [true, false]);
    watch.close();
  });

  it("tells nothing of a container without a memory cgroup", () => {
    for (const cgroup of [{ v1: {} }, { v1: {}, v2: join(directory, "nowhere") }]) {
      const watch = watchOom(cgroup);
      assert.equal(watch.hasHappened(), false);
      watch.close();
    }
  });
});

describe("readStats", () => {
  it("reads this process's network, and zeros where there are no cgroups", () => {
    const state = { cgroup: { v1: {} }, pid: process.pid } as Parameters<typeof readStats>[0]; // what it looks at
    const { memory, network_interfaces } = readStats(state, true);
    assert.equal(memory.usage.usage, 0);
    assert.ok(Array.isArray(network_interfaces));
    assert.equal(readStats(state, false).network_interfaces, null);
  });
});
