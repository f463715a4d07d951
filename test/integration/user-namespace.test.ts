import assert from "node:assert/strict";
import { chownSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsKernel, needsUserNamespaces } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import { parseProcStatus } from "../helpers/proc-status.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { FIRST_HOST_ID, useUserNamespace } from "../helpers/user-namespace.ts";

const OPTIONS = { needs: [needsUserNamespaces] } satisfies ContainerTestOptions;

containerTest(
  "linux.uidMappings and gidMappings are the maps of a new user namespace",
  async (box) => {
    await useUserNamespace(box);
    const [namespaces, uids, gids] = await box.look(
      ["namespaces"],
      ["cat", "/proc/self/uid_map"],
      ["cat", "/proc/self/gid_map"],
    );
    assert.notEqual(namespaces.user, readlinkSync("/proc/self/ns/user"));
    assert.deepEqual(numbersOf(succeeded(uids)), [[0, FIRST_HOST_ID, 65_536]]);
    assert.deepEqual(numbersOf(succeeded(gids)), [[0, FIRST_HOST_ID + 1000, 65_536]]);
  },
  OPTIONS,
);

containerTest(
  "several mappings are all there",
  async (box) => {
    await useUserNamespace(box);
    box.config.linux.uidMappings = [
      { containerID: 0, hostID: FIRST_HOST_ID, size: 10 },
      { containerID: 1000, hostID: 200_000, size: 1 },
    ];
    const [uids] = await box.look(["cat", "/proc/self/uid_map"]);
    assert.deepEqual(numbersOf(succeeded(uids)), [
      [0, FIRST_HOST_ID, 10],
      [1000, 200_000, 1],
    ]);
  },
  OPTIONS,
);

containerTest(
  "root in a user namespace is the mapped id outside",
  async (box) => {
    await useUserNamespace(box);
    const output = await box.started(["ids"], ["sleep", "60000"]);
    await output.waitForOutput(/\n/);
    const [ids] = box.reports(output.stdout, ["ids"]);
    assert.deepEqual([ids.uid, ids.gid], [0, 0]);
    const status = parseProcStatus(readFileSync(`/proc/${(await box.state()).pid}/status`, "utf8"));
    assert.match(status.Uid ?? "", /^100000\b/);
    assert.match(status.Gid ?? "", /^101000\b/);
  },
  OPTIONS,
);

containerTest(
  "another user of a user namespace has its ids and groups",
  async (box) => {
    await useUserNamespace(box);
    box.config.process.user = { uid: 1000, gid: 1001, additionalGids: [7, 1002] };
    const [ids, status] = await box.look(["ids"], ["cat", "/proc/self/status"]);
    assert.deepEqual([ids.uid, ids.gid], [1000, 1001]);
    assert.deepEqual(parseProcStatus(succeeded(status)).Groups?.split(" "), ["7", "1002"]);
  },
  OPTIONS,
);

containerTest(
  "the default mounts and devices work in a user namespace",
  async (box) => {
    await useUserNamespace(box);
    const [null_, zero, pts, shm, proc, sys] = await box.look(
      ["open", "/dev/null", "rw"],
      ["open", "/dev/zero", "r"],
      ["stat", "/dev/pts/ptmx"],
      ["write", "/dev/shm/file", "text"],
      ["cat", "/proc/sys/kernel/hostname"],
      ["ls", "/sys/class/net"],
    );
    assert.deepEqual([null_, zero, shm], [{ ok: true }, { ok: true }, { ok: true }]);
    assert.equal(succeeded(pts).type, "char");
    assert.equal(proc, "container\n");
    assert.ok(succeeded(sys).includes("lo"));
  },
  OPTIONS,
);

containerTest(
  "root in a user namespace makes no devices and has no power over the host's files",
  async (box) => {
    await useUserNamespace(box);
    for (const set of ["bounding", "effective", "permitted"] as const) {
      box.config.process.capabilities = {
        ...box.config.process.capabilities,
        [set]: ["CAP_MKNOD", "CAP_CHOWN", "CAP_DAC_OVERRIDE"],
      };
    }
    box.config.process.capabilities = { ...box.config.process.capabilities, ambient: [] };
    box.config.mounts.push({ destination: "/host-etc", type: "bind", source: "/etc", options: ["rbind"] });
    const reports = await box.look(
      ["mknod", "/dev/shm/node", "c", "1", "3"],
      ["chown", "/host-etc/passwd", "0", "0"],
      ["cat", "/host-etc/shadow"],
    );
    for (const report of reports) assert.ok(typeof report === "object" && "error" in report, JSON.stringify(report));
  },
  OPTIONS,
);

containerTest(
  "linux.uidMappings without a user namespace are refused or without effect",
  async (box) => {
    box.config.linux.uidMappings = [{ containerID: 0, hostID: FIRST_HOST_ID, size: 1 }];
    box.config.linux.gidMappings = [{ containerID: 0, hostID: FIRST_HOST_ID, size: 1 }];
    box.setCommands(["ids"]);
    const result = await box.run();
    if (result.status === 0) assert.equal(box.reports(result.stdout, ["ids"])[0].uid, 0);
    else assert.match(result.stderr, /user/);
  },
  OPTIONS,
);

containerTest(
  "a user namespace is joined by its path",
  async (box) => {
    const path = await joinUserNamespace(box);
    const [namespaces, ids] = await box.look(["namespaces"], ["ids"]);
    assert.equal(namespaces.user, readlinkSync(path));
    assert.equal(ids.uid, 0);
  },
  { ...OPTIONS, peerDeviations: { runc: "wants mappings all the same" } },
);

for (const option of ["idmap", "ridmap"]) {
  containerTest(
    `${option} without mappings means those of a joined user namespace`,
    async (box) => {
      await joinUserNamespace(box);
      const source = box.path("shared");
      mkdirSync(source);
      writeFileSync(join(source, "file"), "");
      chownSync(join(source, "file"), 10, 20);
      box.config.mounts.push({ destination: "/mnt", type: "bind", source, options: ["rbind", option] });
      const [stat] = await box.look(["stat", "/mnt/file"]);
      const { uid, gid } = succeeded(stat);
      assert.deepEqual([uid, gid], [10, 20]);
    },
    {
      needs: [...OPTIONS.needs, needsKernel(5, 12)],
      peerDeviations: { runc: "wants mappings all the same", crun: "1.8.1 maps the other way" },
    },
  );
}

containerTest(
  "a user namespace without mappings is refused",
  async (box) => {
    await useUserNamespace(box);
    delete box.config.linux.uidMappings;
    delete box.config.linux.gidMappings;
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /mapping/i);
  },
  { ...OPTIONS, peerDeviations: { crun: "maps the caller's id itself" } },
);

/** Lets the container join the user namespace of another one, whose path is returned. */
async function joinUserNamespace(box: TestBox): Promise<string> {
  await useUserNamespace(box);
  const holder = box.otherId("holder");
  box.writeConfig();
  assertSuccess(await box.runtime(["create", "--bundle", box.bundle, holder]));
  const { pid } = JSON.parse((await box.runtime(["state", holder])).stdout);
  const path = `/proc/${pid}/ns/user`;
  const others = box.config.linux.namespaces.filter(({ type }) => type !== "user");
  box.config.linux.namespaces = [...others, { type: "user", path }];
  delete box.config.linux.uidMappings;
  delete box.config.linux.gidMappings;
  return path;
}

function numbersOf(map: string): readonly (readonly number[])[] {
  return map
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
}
