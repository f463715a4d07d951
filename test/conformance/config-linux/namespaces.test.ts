import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { needsNamespace, needsUserNamespaces } from "../../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../../helpers/test-box.ts";
import { assertRefused, assertRequired, requirement } from "../requirement.ts";

const AT = "config-linux.md#namespaces";

/** The config's names of namespaces, and those of the files in /proc/PID/ns. */
const FILES = { pid: "pid", network: "net", ipc: "ipc", uts: "uts", mount: "mnt", cgroup: "cgroup" } as const;

type Type = keyof typeof FILES;

const TYPES = Object.keys(FILES) as readonly Type[]; // the keys of a constant table

requirement(AT, { id: "MD-CL-01", level: "REQUIRED", says: "a namespace has a type" }, async (box) => {
  const namespace = { type: "cgroup" };
  box.config.linux.namespaces.push(namespace);
  await assertRequired(box, namespace, "type");
});

requirement(AT, { id: "MD-CL-02", says: "the path of a namespace is absolute" }, async (box) => {
  // It would be found from the current directory.
  await box.program(["ln", "-s", "/proc/self/ns/uts", `${box.bundle}/ns`]);
  leaveOut(box, "uts");
  box.config.linux.namespaces.push({ type: "uts", path: "ns" });
  box.writeConfig();
  assert.notEqual((await box.runtime(["create", box.id], { cwd: box.bundle })).status, 0);
});

requirement(AT, { id: "MD-CL-03", says: "the process is in the namespace that path names" }, async (box) => {
  const holder = await holdNamespaces(box);
  for (const type of ["pid", "network", "ipc", "uts"] as const) {
    leaveOut(box, type);
    box.config.linux.namespaces.push({ type, path: `/proc/${holder}/ns/${FILES[type]}` });
  }
  const [namespaces] = await box.look(["namespaces"]);
  for (const type of ["pid", "network", "ipc", "uts"] as const) {
    assert.equal(namespaces[FILES[type]], readlinkSync(`/proc/${holder}/ns/${FILES[type]}`), type);
  }
  assertSuccess(await box.runtime(["delete", "--force", box.otherId("holder")]));
});

requirement(AT, { id: "MD-CL-04", says: "a path of another type of namespace is an error" }, async (box) => {
  leaveOut(box, "network");
  box.config.linux.namespaces.push({ type: "network", path: "/proc/self/ns/ipc" });
  await assertRefused(box);
});

requirement(
  AT,
  { id: "MD-CL-05", says: "without a path a new namespace is made" },
  async (box) => {
    box.config.linux.namespaces = TYPES.map((type) => ({ type }));
    const [namespaces] = await box.look(["namespaces"]);
    for (const type of TYPES) assert.notEqual(namespaces[FILES[type]], ownNamespace(FILES[type]), type);
  },
  { needs: [needsNamespace("cgroup")] },
);

requirement(AT, { id: "MD-CL-06", says: "a type that is not listed is inherited from the runtime" }, async (box) => {
  for (const type of ["network", "ipc", "uts"] as const) leaveOut(box, type);
  const [namespaces] = await box.look(["namespaces"]);
  for (const file of ["net", "ipc", "uts", "user", "cgroup"] as const) {
    assert.equal(namespaces[file], ownNamespace(file), file);
  }
});

requirement(AT, { id: "MD-CL-07", says: "two namespaces of one type are an error" }, async (box) => {
  box.config.linux.namespaces.push({ type: "uts" });
  await assertRefused(box);
});

for (const [id, property] of [
  ["MD-CL-08", "containerID"],
  ["MD-CL-09", "hostID"],
  ["MD-CL-10", "size"],
] as const) {
  requirement(
    "config-linux.md#user-namespace-mappings",
    { id, level: "REQUIRED", says: `an id mapping has a ${property}` },
    async (box) => {
      box.config.linux.namespaces.push({ type: "user" });
      box.config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 1000 }];
      const mapping = { containerID: 0, hostID: 0, size: 1000 };
      box.config.linux.uidMappings = [mapping];
      await assertRequired(box, mapping, property);
    },
    { needs: [needsUserNamespaces] },
  );
}

function ownNamespace(file: string): string {
  return readlinkSync(`/proc/self/ns/${file}`);
}

function leaveOut(box: TestBox, type: Type): void {
  box.config.linux.namespaces = box.config.linux.namespaces.filter((namespace) => namespace.type !== type);
  if (type === "uts") delete box.config.hostname;
  // What of sysfs and mqueue is the host's may not be mounted anew everywhere.
  const bound = type === "network" ? ["sysfs", "cgroup"] : type === "ipc" ? ["mqueue"] : [];
  box.config.mounts = box.config.mounts.filter((mount) => !bound.includes(mount.type ?? ""));
}

/** The pid of another container's process with namespaces of its own. */
async function holdNamespaces(box: TestBox): Promise<number> {
  const id = box.otherId("holder");
  box.writeConfig();
  assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
  return JSON.parse((await box.runtime(["state", id])).stdout).pid;
}
