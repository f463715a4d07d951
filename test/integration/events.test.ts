import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV1, needsOurs } from "../helpers/needs.ts";
import { assertSuccess } from "../helpers/test-box.ts";

const MIB = 2 ** 20;
const NO_EVENTS = { crun: "has no events" } as const;
const OPTIONS: ContainerTestOptions = {
  needs: [needsCgroupV1("memory"), needsCgroupV1("pids"), needsCgroupV1("cpuacct")],
  peerDeviations: NO_EVENTS,
};

/** The part of a line that these tests look at. */
interface EventLine {
  readonly type: string;
  readonly id: string;
  readonly data?: {
    readonly cpu: { readonly usage: { readonly total: number; readonly percpu: readonly number[] } };
    readonly memory: {
      readonly usage: { readonly usage: number; readonly limit: number; readonly max: number };
      readonly raw: Readonly<Record<string, number>>;
    };
    readonly pids: { readonly current?: number; readonly limit?: number };
    readonly cpuset: { readonly cpus: readonly number[] };
    readonly hugetlb: Readonly<Record<string, unknown>>;
    readonly network_interfaces: readonly unknown[] | null;
  };
}

containerTest(
  "events --stats tells what the container uses, on one line of JSON",
  async (box) => {
    box.config.linux.resources.memory = { limit: 64 * MIB };
    box.config.linux.resources.pids = { limit: 20 };
    const output = await box.started(["alloc", String(8 * MIB)], ["spin", "50"], ["spawn"], ["sleep", "60000"]);
    await output.waitForOutput(/(.*\n){3}/);
    const { stdout } = await box.must("events", "--stats");
    const [line, ...more] = linesOf(stdout);
    assert.deepEqual([line?.type, line?.id, more], ["stats", box.id, []]);
    const { cpu, memory, pids, cpuset } = line?.data ?? assert.fail("no data");
    assert.ok(cpu.usage.total > 20e6, "50 ms of work, in nanoseconds");
    assert.ok(cpu.usage.percpu.length > 0);
    assert.equal(memory.usage.limit, 64 * MIB);
    assert.ok(memory.usage.max >= 8 * MIB && memory.usage.usage <= memory.usage.max);
    assert.ok("total_rss" in memory.raw);
    assert.ok(cpuset.cpus.length > 0);
    assert.deepEqual(pids, { current: 2, limit: 20 });
  },
  OPTIONS,
);

containerTest(
  "events tells of the container's network interfaces, and not of the host's",
  async (box) => {
    const stats = async () => linesOf((await box.must("events", "--stats")).stdout)[0]?.data?.network_interfaces;
    await box.started(["sleep", "60000"]);
    assert.deepEqual(await stats(), []);
    await box.must("delete", "--force");
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "network");
    await box.started(["sleep", "60000"]);
    assert.equal(await stats(), null);
  },
  { needs: [needsOurs] },
);

containerTest(
  "events tells again and again, and ends with the container",
  async (box) => {
    await box.started(["sleep", "60000"]);
    const events = box.launch(["events", "--interval", "100ms", box.id]);
    await events.waitForOutput(/(.*\n){3}/);
    await box.must("kill", "KILL");
    assertSuccess(await events.ended);
    for (const line of linesOf(events.stdout)) assert.equal(line.type, "stats");
  },
  { ...OPTIONS, peerDeviations: { ...NO_EVENTS, runc: "ends when the container is deleted" } },
);

containerTest(
  "events tells when the container is out of memory",
  async (box) => {
    box.config.root.readonly = false;
    box.config.linux.resources.memory = { limit: 16 * MIB, swap: 16 * MIB };
    const output = await box.started(
      ["await", "/go"],
      ["exec", "/probe", "alloc", String(64 * MIB)],
      ["sleep", "60000"],
    );
    const events = box.launch(["events", "--interval", "100ms", box.id]);
    // It watches by then.
    await events.waitForOutput(/"type":"stats"/);
    writeFileSync(box.inRootfs("go"), "");
    await output.waitForOutput(/137/);
    await events.waitForOutput(/"type":"oom"/);
    await box.must("delete", "--force");
    await events.ended;
    const told = linesOf(events.stdout).find(({ type }) => type === "oom");
    assert.deepEqual(told, { type: "oom", id: box.id });
  },
  OPTIONS,
);

containerTest(
  "events refuses a container that has stopped, one that does not exist, and an interval of nothing",
  async (box) => {
    assert.notEqual((await box.runtime(["events", "--stats", box.id])).status, 0);
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    const stopped = await box.runtime(["events", "--stats", box.id]);
    assert.notEqual(stopped.status, 0);
    assert.match(stopped.stderr, /not running/);
    for (const interval of ["0s", "soon"]) {
      const result = await box.runtime(["events", "--interval", interval, box.id]);
      assert.notEqual(result.status, 0);
      assert.match(result.stderr, /interval/);
    }
  },
  OPTIONS,
);

function linesOf(output: string): readonly EventLine[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
