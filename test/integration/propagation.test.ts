import assert from "node:assert/strict";
import { containerTest } from "../helpers/container-test.ts";
import { mountAt } from "../helpers/mount-table.ts";
import { succeeded } from "../helpers/probe.ts";
import type { TestBox } from "../helpers/test-box.ts";

containerTest("linux.rootfsPropagation private keeps the root to itself", async (box) => {
  await shareRoot(box);
  assert.equal(await rootPropagation(box, "private"), "");
});

containerTest(
  "linux.rootfsPropagation slave takes mounts from the host",
  async (box) => {
    await shareRoot(box);
    assert.match(await rootPropagation(box, "slave"), /^master:\d+$/);
  },
  { peerDeviations: { runc: "makes the root private first", crun: "makes the root private first" } },
);

containerTest(
  "linux.rootfsPropagation shared shares the root",
  async (box) => {
    await shareRoot(box);
    assert.match(await rootPropagation(box, "shared"), /^shared:\d+/);
  },
  { peerDeviations: { runc: "1.1.5 gives the parent's", crun: "1.8.1 gives a master as well" } },
);

containerTest(
  "linux.rootfsPropagation unbindable makes the root so",
  async (box) => {
    assert.equal(await rootPropagation(box, "unbindable"), "unbindable");
  },
  { peerDeviations: { runc: "1.1.5 does not", crun: "1.8.1 does not" } },
);

containerTest("the root has no shared propagation unless the config asks for it", async (box) => {
  await shareRoot(box);
  const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
  assert.doesNotMatch(mountAt(succeeded(table), "/")?.propagation.join() ?? "shared", /shared/);
});

containerTest(
  "an unknown linux.rootfsPropagation is refused",
  async (box) => {
    box.config.linux.rootfsPropagation = "nosuch";
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /nosuch/);
  },
  { peerDeviations: { crun: "ignores it" } },
);

/** Makes the bundle's root a shared mount of the host, as a container engine's storage is. */
async function shareRoot(box: TestBox): Promise<void> {
  box.bindOnHost(box.rootfs);
  await box.program(["mount", "--make-shared", box.rootfs]);
}

async function rootPropagation(box: TestBox, kind: string): Promise<string> {
  box.config.linux.rootfsPropagation = kind;
  const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
  return mountAt(succeeded(table), "/")?.propagation.join() ?? "no root";
}
