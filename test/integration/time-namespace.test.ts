import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsNamespace, needsUserNamespaces } from "../helpers/needs.ts";
import { useUserNamespace } from "../helpers/user-namespace.ts";

const OPTIONS: ContainerTestOptions = {
  needs: [needsNamespace("time")],
  peerDeviations: { runc: "1.1.5 knows no time namespaces", crun: "1.8.1 crashes" },
};

containerTest(
  "linux.timeOffsets shift the clocks of a new time namespace",
  async (box) => {
    box.config.linux.namespaces.push({ type: "time" });
    box.config.linux.timeOffsets = { monotonic: { secs: 1_000_000 }, boottime: { secs: 7_000_000, nanosecs: 500 } };
    const [clocks, namespaces] = await box.look(["clocks"], ["namespaces"]);
    const uptime = uptimeSeconds();
    assert.ok(Math.abs(clocks.boottimeSeconds - uptime - 7_000_000) < 60, JSON.stringify({ clocks, uptime }));
    assert.ok(Math.abs(clocks.monotonicSeconds - uptime - 1_000_000) < 60, JSON.stringify({ clocks, uptime }));
    assert.notEqual(namespaces.time, readlinkSync("/proc/self/ns/time"));
  },
  OPTIONS,
);

containerTest(
  "linux.timeOffsets shift the clocks in a user namespace too",
  async (box) => {
    await useUserNamespace(box);
    box.config.linux.namespaces.push({ type: "time" });
    box.config.linux.timeOffsets = { boottime: { secs: 7_000_000 } };
    const [clocks] = await box.look(["clocks"]);
    assert.ok(Math.abs(clocks.boottimeSeconds - uptimeSeconds() - 7_000_000) < 60, JSON.stringify(clocks));
  },
  { ...OPTIONS, needs: [...(OPTIONS.needs ?? []), needsUserNamespaces] },
);

containerTest(
  "a time namespace without offsets has the host's clocks",
  async (box) => {
    box.config.linux.namespaces.push({ type: "time" });
    const [clocks] = await box.look(["clocks"]);
    assert.ok(Math.abs(clocks.boottimeSeconds - uptimeSeconds()) < 60);
  },
  OPTIONS,
);

containerTest(
  "linux.timeOffsets need a time namespace",
  async (box) => {
    box.config.linux.timeOffsets = { boottime: { secs: 7_000_000 } };
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /time/);
  },
  { ...OPTIONS, peerDeviations: { runc: "ignores them", crun: "1.8.1 crashes" } },
);

function uptimeSeconds(): number {
  return Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
}
