import assert from "node:assert/strict";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { needsCgroupV1, needsNamespace } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

/** The config's names of namespaces, and those of the files in /proc/PID/ns. */
const FILES = { pid: "pid", network: "net", ipc: "ipc", uts: "uts", mount: "mnt", cgroup: "cgroup" } as const;
type Type = keyof typeof FILES;
const TYPES = Object.keys(FILES) as readonly Type[];

containerTest(
  "linux.namespaces without a path are new ones",
  async (box) => {
    box.config.linux.namespaces = TYPES.map((type) => ({ type }));
    const [namespaces] = await box.look(["namespaces"]);
    for (const type of TYPES) assert.notEqual(namespaces[FILES[type]], ownNamespace(FILES[type]), type);
    for (const file of ["user", "time"] as const) assert.equal(namespaces[file], ownNamespace(file), file);
  },
  { needs: [needsNamespace("cgroup")] },
);

for (const type of TYPES.filter((type) => type !== "mount")) {
  containerTest(`a ${type} namespace that is not listed is the runtime's`, async (box) => {
    leaveOut(box, type);
    const [namespaces] = await box.look(["namespaces"]);
    assert.equal(namespaces[FILES[type]], ownNamespace(FILES[type]));
  });

  containerTest(
    `linux.namespaces joins a ${type} namespace by its path`,
    async (box) => {
      const holder = await holdNamespaces(box);
      join(box, type, `/proc/${holder}/ns/${FILES[type]}`);
      const [namespaces] = await box.look(["namespaces"]);
      assert.equal(namespaces[FILES[type]], readlinkSync(`/proc/${holder}/ns/${FILES[type]}`));
      assert.notEqual(namespaces[FILES[type]], ownNamespace(FILES[type]));
      assertSuccess(await box.runtime(["delete", "--force", box.otherId("holder")]));
    },
    type === "cgroup" ? { peerDeviations: { crun: "1.8.1 fails to join one" } } : {},
  );
}

containerTest("a namespace path of another type is refused", async (box) => {
  join(box, "network", "/proc/self/ns/ipc");
  const result = await box.run();
  assert.notEqual(result.status, 0);
  await box.assertNoTraces();
});

containerTest("a namespace path that is not there is refused", async (box) => {
  join(box, "network", box.path("nowhere"));
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nowhere/);
  assert.doesNotMatch(result.stderr, /executable file not found/);
});

containerTest("a namespace path must be absolute", async (box) => {
  join(box, "network", "nowhere");
  assert.notEqual((await box.run()).status, 0);
});

containerTest(
  "a namespace that is listed twice is refused",
  async (box) => {
    box.config.linux.namespaces.push({ type: "uts" });
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /namespace|duplicated|uts/);
  },
  { peerDeviations: { crun: "1.8.1 accepts it" } },
);

containerTest("an unknown namespace is refused", async (box) => {
  box.config.linux.namespaces.push({ type: "nosuch" });
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nosuch/);
});

containerTest("the process is the first of a new pid namespace", async (box) => {
  const [ids, processes] = await box.look(["ids"], ["ls", "/proc"]);
  assert.equal(ids.pid, 1);
  assert.deepEqual(
    succeeded(processes).filter((name) => /^\d+$/.test(name)),
    ["1"],
  );
});

containerTest("a new network namespace has a loopback device and nothing else", async (box) => {
  const [devices] = await box.look(["ls", "/sys/class/net"]);
  assert.ok(succeeded(devices).includes("lo"));
  assert.ok(!succeeded(devices).includes("eth0"));
});

containerTest("the loopback device of a new network namespace is up", async (box) => {
  const [flags] = await box.look(["cat", "/sys/class/net/lo/flags"]);
  assert.equal(Number(succeeded(flags)) & 1, 1);
});

containerTest(
  "a new cgroup namespace shows the container's cgroup as the root",
  async (box) => {
    box.config.linux.namespaces.push({ type: "cgroup" });
    const [cgroups] = await box.look(["cat", "/proc/self/cgroup"]);
    const paths = succeeded(cgroups)
      .trim()
      .split("\n")
      .map((line) => line.split(":"));
    for (const [, controllers, path] of paths) if (controllers !== "") assert.equal(path, "/", controllers);
  },
  { needs: [needsNamespace("cgroup"), needsCgroupV1("memory")] },
);

containerTest("the other files of a joined namespace's holder stay as they are", async (box) => {
  const holder = await holdNamespaces(box);
  join(box, "uts", `/proc/${holder}/ns/uts`);
  delete box.config.hostname;
  const [name] = await box.look(["uname"]);
  assert.equal(name.hostname, "holder");
  assert.ok(existsSync(`/proc/${holder}`));
  assert.equal(readFileSync("/proc/sys/kernel/hostname", "utf8").trim() === "holder", false);
});

function ownNamespace(file: string): string {
  return readlinkSync(`/proc/self/ns/${file}`);
}

function leaveOut(box: TestBox, type: Type): void {
  box.config.linux.namespaces = box.config.linux.namespaces.filter((namespace) => namespace.type !== type);
  if (type === "uts") delete box.config.hostname;
  // sysfs and mqueue belong to their namespaces: what the host has may not be mounted anew everywhere.
  if (type === "network")
    box.config.mounts = box.config.mounts.filter((mount) => mount.type !== "sysfs" && mount.type !== "cgroup");
}

function join(box: TestBox, type: Type, path: string): void {
  leaveOut(box, type);
  box.config.linux.namespaces.push({ type, path });
}

/** The pid of another container's process with namespaces of its own. */
async function holdNamespaces(box: TestBox): Promise<number> {
  const id = box.otherId("holder");
  const { namespaces } = box.config.linux;
  box.config.linux.namespaces = TYPES.map((type) => ({ type }));
  box.config.hostname = "holder";
  box.writeConfig();
  assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
  box.config.linux.namespaces = namespaces;
  return JSON.parse((await box.runtime(["state", id])).stdout).pid;
}
