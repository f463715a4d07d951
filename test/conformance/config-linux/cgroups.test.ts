import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cgroupV1Directory, needsCgroupV1, needsPath } from "../../helpers/needs.ts";
import type { TestBox } from "../../helpers/test-box.ts";
import { requirement } from "../requirement.ts";

const MEMORY = { needs: [needsCgroupV1("memory")] };

requirement(
  "config-linux.md#control-groups",
  { id: "MD-CL-32", says: "a cgroup that is found not to be fit for the container is an error", since: "1.1" },
  async (box) => {
    const directory = `${cgroupV1Directory("freezer")}/${box.id}-frozen`;
    mkdirSync(directory);
    writeFileSync(`${directory}/freezer.state`, "FROZEN");
    box.config.linux.cgroupsPath = `/${box.id}-frozen`;
    try {
      const created = await box.create([], { timeoutMs: 5_000 }).catch(() => undefined);
      // To look is left to the runtime; one that does not look must not wait for ever.
      assert.notEqual(created, undefined, "create hangs");
      if (created?.status !== 0) assert.notEqual((await box.runtime(["state", box.id])).status, 0);
    } finally {
      writeFileSync(`${directory}/freezer.state`, "THAWED");
      await box.runtime(["delete", "--force", box.id]);
      await box.assertNoProcesses();
      await removeCgroups(box);
    }
  },
  { needs: [needsCgroupV1("freezer")] },
);

const PATH = "config-linux.md#cgroups-path";

requirement(
  PATH,
  { id: "MD-CL-33", says: "cgroupsPath is an absolute or a relative path" },
  async (box) => {
    for (const path of [`/${box.id}-absolute`, `${box.id}-relative`]) {
      box.config.linux.cgroupsPath = path;
      await box.created();
      assert.ok((await cgroupOf(box)).endsWith(path.replace("/", "")));
      await box.must("delete", "--force");
    }
  },
  MEMORY,
);

requirement(
  PATH,
  { id: "MD-CL-34", says: "an absolute cgroupsPath starts at the mount point of the cgroups" },
  async (box) => {
    box.config.linux.cgroupsPath = `/${box.id}-parent/inner`;
    await box.created();
    assert.equal(await cgroupOf(box), `/${box.id}-parent/inner`);
    await box.must("delete", "--force");
    await removeCgroups(box);
  },
  MEMORY,
);

requirement(
  PATH,
  { id: "MD-CL-35", says: "one value of cgroupsPath is one place" },
  async (box) => {
    box.config.linux.cgroupsPath = `${box.id}-relative`;
    await box.created();
    const first = await cgroupOf(box);
    await box.must("delete", "--force");
    await box.created();
    assert.equal(await cgroupOf(box), first);
  },
  MEMORY,
);

requirement(
  PATH,
  { id: "MD-CL-36", says: "a cgroupsPath that is not valid is an error" },
  async (box) => {
    // The kernel takes no such name: /proc/PID/cgroup could not be read any more.
    box.config.linux.cgroupsPath = `/${box.id}\nline`;
    assert.notEqual((await box.create()).status, 0);
  },
  MEMORY,
);

requirement(
  "config-linux.md#cgroup-ownership",
  [
    {
      id: "MD-CL-37",
      level: "MUST NOT",
      says: "that a file which could be given away does not exist is no failure",
      since: "1.1",
    },
    {
      id: "MD-CL-38",
      says: "a runtime that gives cgroups away has a list of files where the kernel tells none",
      since: "1.1",
    },
  ],
  async (box) => {
    // With v1 nothing is to be given away, so that neither list is needed.
    box.config.process.user = { uid: 1000, gid: 1000 };
    box.config.linux.namespaces.push({ type: "cgroup" });
    const mount = box.config.mounts.find(({ type }) => type === "cgroup");
    assert.ok(mount?.options);
    mount.options = mount.options.filter((option) => option !== "ro");
    await box.created();
    const directory = `${cgroupV1Directory("memory")}${await cgroupOf(box)}`;
    for (const file of ["", "/cgroup.procs", "/tasks"]) assert.equal(statSync(`${directory}${file}`).uid, 0, file);
  },
  { needs: [needsCgroupV1("memory"), needsPath("/proc/self/ns/cgroup")] },
);

/** The path of a running container in the memory hierarchy. */
async function cgroupOf(box: TestBox): Promise<string> {
  const { pid } = await box.state();
  return /^\d+:memory:(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? "";
}

/** What a test's own path has made; a runtime need not remove what was there or lies above. */
async function removeCgroups(box: TestBox): Promise<void> {
  for (const cgroup of box.traces().cgroups.toReversed()) {
    if (existsSync(cgroup)) await box.program(["rmdir", cgroup]);
  }
}
