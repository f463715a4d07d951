import assert from "node:assert/strict";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { parseMountTable } from "../../helpers/mount-table.ts";
import { type Need, needsKernel, needsUserNamespaces } from "../../helpers/needs.ts";
import { succeeded } from "../../helpers/probe.ts";
import type { SpecIdMapping } from "../../helpers/spec-config.ts";
import type { TestBox } from "../../helpers/test-box.ts";
import { assertRefused, assertRequired, requirement } from "../requirement.ts";

const AT = "config.md#mounts";

requirement(AT, { id: "MD-CF-07", says: "mounts are made in the listed order" }, async (box) => {
  box.config.mounts.push({ destination: "/tmp", type: "tmpfs", source: "first" });
  box.config.mounts.push({ destination: "/tmp/inner", type: "tmpfs", source: "second" });
  box.config.mounts.push({ destination: "/tmp/inner", type: "tmpfs", source: "third" });
  const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
  const made = parseMountTable(succeeded(table)).filter(({ point }) => point.startsWith("/tmp"));
  assert.deepEqual(
    made.map(({ point, source }) => [point, source]),
    [
      ["/tmp", "first"],
      ["/tmp/inner", "second"],
      ["/tmp/inner", "third"],
    ],
  );
});

requirement(AT, { id: "MD-CF-08", level: "REQUIRED", says: "a mount has a destination" }, async (box) => {
  const mount = { destination: "/mnt", type: "tmpfs", source: "tmpfs" };
  box.config.mounts.push(mount);
  await assertRequired(box, mount, "destination");
});

requirement(
  AT,
  { id: "MD-CF-09", says: "a relative destination is meant from the root", since: "1.2" },
  async (box) => {
    box.config.process.cwd = "/etc";
    box.config.mounts.push({ destination: "mnt/inner", type: "tmpfs", source: "marked" });
    const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
    const made = parseMountTable(succeeded(table)).filter(({ source }) => source === "marked");
    assert.deepEqual(
      made.map(({ point }) => point),
      ["/mnt/inner"],
    );
  },
);

const ID_MAP: { readonly needs: readonly Need[] } = { needs: [needsKernel(5, 12), needsUserNamespaces] };
const OWN: readonly SpecIdMapping[] = [{ containerID: 0, hostID: 70_000, size: 1000 }];
const CONTAINERS: readonly SpecIdMapping[] = [{ containerID: 0, hostID: 0, size: 100_000 }];

/** The rows for "idmap" and for "ridmap", which is the same for the mounts below as well. */
for (const [option, ids] of [
  ["idmap", ["MD-CF-47", "MD-CF-48", "MD-CF-49", "MD-CF-50"]],
  ["ridmap", ["MD-CF-51", "MD-CF-52", "MD-CF-53", "MD-CF-54"]],
] as const) {
  const [applied, own, containers, none] = ids;
  const at = "config.md#linux-mount-options";

  requirement(
    at,
    [
      { id: applied, says: `a mount with ${option} has its owners mapped`, since: "1.2" },
      { id: own, says: `${option} uses the mount's own uidMappings and gidMappings`, since: "1.2" },
    ],
    async (box) => {
      pushIdMapped(box, option, OWN);
      const [file, below] = await box.look(["stat", "/mnt/file"], ["stat", "/mnt/inner"]);
      assert.deepEqual([succeeded(file).uid, succeeded(file).gid], [70_005, 70_006]);
      const isMappedBelow = succeeded(below).uid === 70_007;
      assert.equal(isMappedBelow, option === "ridmap");
    },
    ID_MAP,
  );

  requirement(
    at,
    {
      id: containers,
      says: `${option} without mappings of its own takes the container's, or is an error`,
      since: "1.2",
    },
    async (box) => {
      useUserNamespace(box);
      pushIdMapped(box, option);
      box.setCommands(["stat", "/mnt/file"]);
      const result = await box.run();
      if (result.status !== 0) return;
      const [stat] = box.reports(result.stdout, ["stat", ""]);
      assert.deepEqual([succeeded(stat).uid, succeeded(stat).gid], [5, 6]);
    },
    ID_MAP,
  );

  requirement(
    at,
    { id: none, says: `${option} with neither mappings nor a user namespace is an error`, since: "1.2" },
    async (box) => {
      pushIdMapped(box, option);
      await assertRefused(box);
    },
    ID_MAP,
  );
}

for (const [id, present, missing] of [
  ["MD-CF-55", "uidMappings", "gidMappings"],
  ["MD-CF-56", "gidMappings", "uidMappings"],
] as const) {
  requirement(
    "config.md#posix-platform-mounts",
    { id, says: `${present} of a mount comes with ${missing}`, since: "1.2" },
    async (box) => {
      const mount = pushIdMapped(box, "idmap", OWN);
      delete mount[missing];
      await assertRefused(box);
    },
    ID_MAP,
  );
}

/** A bind mount of a directory whose file belongs to 5:6, with a mount below that belongs to 7:8. */
function pushIdMapped(box: TestBox, option: string, mappings?: readonly SpecIdMapping[]) {
  const source = box.path("source");
  mkdirSync(`${source}/inner`, { recursive: true });
  box.mountOnHost(`${source}/inner`);
  writeFileSync(`${source}/file`, "text");
  chownSync(`${source}/file`, 5, 6);
  chownSync(`${source}/inner`, 7, 8);
  const mount = {
    destination: "/mnt",
    type: "bind",
    source,
    options: ["rbind", option],
    ...(mappings === undefined ? {} : { uidMappings: [...mappings], gidMappings: [...mappings] }),
  };
  box.config.mounts.push(mount);
  return mount;
}

/** One whose ids are the host's, so that the root filesystem need not be changed for it. */
function useUserNamespace(box: TestBox): void {
  box.config.linux.namespaces.push({ type: "user" });
  box.config.linux.uidMappings = [...CONTAINERS];
  box.config.linux.gidMappings = [...CONTAINERS];
}
