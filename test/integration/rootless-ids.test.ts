import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsOurs, needsProgram } from "../helpers/needs.ts";
import {
  GROUP_ID,
  NEEDS_ORDINARY_USER,
  OrdinaryUser,
  type OrdinaryUserOptions,
  refusalOf,
  rootlessUser,
  SUBORDINATE,
  USER_ID,
} from "../helpers/ordinary-user.ts";
import { succeeded } from "../helpers/probe.ts";
import { parseProcStatus } from "../helpers/proc-status.ts";
import type { SpecIdMapping } from "../helpers/spec-config.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const ALL: ContainerTestOptions = { needs: [...NEEDS_ORDINARY_USER, needsProgram("newuidmap")] };
const OURS: ContainerTestOptions = { needs: [...NEEDS_ORDINARY_USER, needsProgram("newuidmap"), needsOurs] };

/** The user is root in its container, and all other ids are subordinate ones. */
const OWN_AND_SUBORDINATE = {
  uid: [own(USER_ID), subordinate(1, 65_536)],
  gid: [own(GROUP_ID), subordinate(1, 65_536)],
} as const;

/** Nobody in the container is the user. */
const ONLY_SUBORDINATE = { uid: [subordinate(0, 65_536)], gid: [subordinate(0, 65_536)] } as const;

for (const [name, mappings, rootId] of [
  ["beside its own one", OWN_AND_SUBORDINATE, USER_ID],
  ["alone", ONLY_SUBORDINATE, SUBORDINATE.first],
] as const) {
  containerTest(
    `an ordinary user maps its subordinate ids ${name}`,
    async (box) => {
      const user = await mappedUser(box, mappings);
      const chowner = ["CAP_CHOWN"];
      box.config.process.capabilities = { bounding: chowner, effective: chowner, permitted: chowner };
      const [map, chown, stat] = await user.look(
        ["cat", "/proc/self/uid_map"],
        ["chown", "/dev/shm", "7", "8"],
        ["stat", "/dev/shm"],
      );
      assert.deepEqual(
        numbersOf(succeeded(map)),
        mappings.uid.map(({ containerID, hostID, size }) => [containerID, hostID, size]),
      );
      assert.deepEqual(chown, { ok: true });
      assert.deepEqual([succeeded(stat).uid, succeeded(stat).gid], [7, 8]);
    },
    {
      ...ALL,
      ...(rootId === USER_ID ? {} : { peerDeviations: { runc: "wants the user to be root of the container" } }),
    },
  );

  containerTest(
    `limits, oom_score_adj, exec and signals reach a user of subordinate ids ${name}`,
    async (box) => {
      const user = await mappedUser(box, mappings);
      box.config.process.user = { uid: 7, gid: 8, additionalGids: [9] };
      box.config.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 200, hard: 300 }];
      box.config.process.oomScoreAdj = 500;
      box.setCommands(["ids"], ["rlimits"], ["cat", "/proc/self/oom_score_adj"], ["sleep", "60000"]);
      const creation = await user.created();
      const { pid } = JSON.parse((await user.must("state")).stdout);
      await user.must("start");
      await creation.waitForOutput(/\n.*\n.*\n/);
      const [ids, rlimits, oom] = box.reports(creation.stdout, ["ids"], ["rlimits"], ["cat"]);
      assert.deepEqual([ids.uid, ids.gid, rlimits.RLIMIT_NOFILE, oom], [7, 8, [200, 300], "500\n"]);
      const host = parseProcStatus(readFileSync(`/proc/${pid}/status`, "utf8"));
      const expected = rootId === USER_ID ? SUBORDINATE.first + 6 : SUBORDINATE.first + 7;
      assert.equal(Number(host.Uid?.split("\t")[0]), expected);
      const exec = await user.runtime(["exec", "--user", "5:6", box.id, "/probe", "ids"]);
      assertSuccess(exec);
      assert.equal(box.reports(exec.stdout, ["ids"])[0].uid, 5);
      await user.must("kill", "KILL");
      await box.waitForStatus("stopped");
      await user.must("delete");
    },
    { ...ALL, peerDeviations: { runc: "sets no additional groups for ordinary users" } },
  );
}

containerTest(
  "the groups of the user stay outside where newgidmap has mapped a range",
  async (box) => {
    const user = await mappedUser(box, OWN_AND_SUBORDINATE, { groups: [GROUP_ID, 4] });
    const [status] = await user.look(["cat", "/proc/self/status"]);
    assert.equal(parseProcStatus(succeeded(status)).Groups?.trim(), "");
    box.setCommands(["sleep", "60000"]);
    assertSuccess(await user.run(["--detach"]));
    const exec = await user.runtime(["exec", box.id, "/probe", "cat", "/proc/self/status"]);
    assertSuccess(exec);
    assert.equal(parseProcStatus(succeeded(box.reports(exec.stdout, ["cat"])[0])).Groups?.trim(), "");
  },
  { ...ALL, peerDeviations: { runc: "leaves the caller's groups to containers of ordinary users" } },
);

for (const [name, mappings] of [
  ["a range is", OWN_AND_SUBORDINATE],
  ["only an own group is", { uid: [own(USER_ID)], gid: [own(GROUP_ID)] }],
] as const) {
  containerTest(
    `the groups of the user come in where ${name} mapped and an annotation of crun's asks for them`,
    async (box) => {
      const user = await mappedUser(box, mappings, { groups: [GROUP_ID, 4] });
      box.config.annotations = { "run.oci.keep_original_groups": "1" };
      const [status] = await user.look(["cat", "/proc/self/status"]);
      // A group that is not mapped is there all the same, without a name.
      assert.deepEqual(parseProcStatus(succeeded(status)).Groups?.trim().split(" ").sort(), ["0", "65534"]);
    },
    { ...ALL, peerDeviations: { runc: "knows no such annotation" } },
  );
}

containerTest(
  "additional groups are refused where only an own group is mapped, with what to map",
  async (box) => {
    const user = await mappedUser(box, { uid: [own(USER_ID)], gid: [own(GROUP_ID)] });
    box.config.process.user.additionalGids = [0];
    assert.match(refusalOf(await user.run()), /additionalGids: \[0\] cannot be set: .*\/etc\/subgid/);
  },
  OURS,
);

containerTest(
  "newuidmap and newgidmap are looked for in $PATH",
  async (box) => {
    const user = await mappedUser(box, OWN_AND_SUBORDINATE);
    const directory = box.path("bin");
    const log = join(user.runtimeDirectory, "log");
    mkdirSync(directory);
    for (const name of ["newuidmap", "newgidmap"]) {
      writeFileSync(join(directory, name), `#!/bin/sh\necho ${name} >> ${log}\nexec ${findProgram(name)} "$@"\n`);
      chmodSync(join(directory, name), 0o755);
    }
    box.setCommands(["ids"]);
    assertSuccess(await user.run([], { env: { PATH: `${directory}:${process.env.PATH}` } }));
    assert.deepEqual(readFileSync(log, "utf8").trim().split("\n").sort(), ["newgidmap", "newuidmap"]);
  },
  ALL,
);

containerTest(
  "a mapping without newuidmap is refused with the package that has it",
  async (box) => {
    // All that the test itself needs, and no more.
    const user = await mappedUser(box, OWN_AND_SUBORDINATE, { through: ["env", "PATH=/nowhere"] });
    assert.match(refusalOf(await user.run()), /\/linux\/uidMappings: .*program newuidmap.*apt-get install uidmap/);
  },
  OURS,
);

containerTest(
  "ids that nobody has given to the user are refused with the very line that gives them",
  async (box) => {
    const user = new OrdinaryUser(box);
    await user.spec();
    setMappings(box, OWN_AND_SUBORDINATE);
    const refusal = refusalOf(await user.run());
    assert.match(refusal, /\/linux\/uidMappings\/1: .*fix: add the line "mdr-test-user:700000:65536" to \/etc\/subuid/);
    assert.match(refusal, /\/linux\/gidMappings\/1: .*fix: add the line "mdr-test-user:700000:65536" to \/etc\/subgid/);
  },
  OURS,
);

containerTest(
  "the refusal's line is enough",
  async (box) => {
    const user = new OrdinaryUser(box);
    await user.spec();
    setMappings(box, OWN_AND_SUBORDINATE);
    const refusal = refusalOf(await user.run());
    for (const [, line, name] of refusal.matchAll(/add the line "([^"]+)" to \/etc\/(\w+)/g)) {
      writeFileSync(join(box.path("etc"), String(name)), `${line}\n`);
    }
    box.setCommands(["ids"]);
    assertSuccess(await user.run());
  },
  OURS,
);

containerTest(
  "an option of a mount with an id that is not mapped is refused by its place",
  async (box) => {
    const user = await mappedUser(box, { uid: [own(USER_ID)], gid: [own(GROUP_ID)] });
    box.config.mounts.push({ destination: "/data", type: "tmpfs", source: "tmpfs", options: ["nosuid", "gid=5"] });
    const index = box.config.mounts.length - 1;
    const refusal = refusalOf(await user.run());
    assert.match(refusal, new RegExp(`/mounts/${index}/options/1: "gid=5" names an id that /linux/gidMappings`));
  },
  OURS,
);

const UNSHARE_HELP = execFileSync("unshare", ["--help"], { encoding: "utf8" });

/** As `unshare` and rootless engines make it: root inside, the user outside. */
const MAP_ROOT = ["unshare", "--map-root-user", "--mount"];

containerTest(
  "root of a user's namespace makes a container without another one",
  async (box) => {
    const user = await mappedUser(box, ONLY_SUBORDINATE, { through: MAP_ROOT });
    delete box.config.linux.uidMappings;
    delete box.config.linux.gidMappings;
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "user");
    const [ids, namespaces, map, null_] = await user.look(
      ["ids"],
      ["namespaces"],
      ["cat", "/proc/self/uid_map"],
      ["open", "/dev/null", "rw"],
    );
    assert.equal(ids.uid, 0);
    assert.notEqual(namespaces.user, readlinkSync("/proc/self/ns/user"));
    assert.deepEqual(numbersOf(succeeded(map)), [[0, USER_ID, 1]]);
    assert.deepEqual(null_, { ok: true });
  },
  ALL,
);

containerTest(
  "root of a user's namespace makes one below it, of ids that it has",
  async (box) => {
    const user = await mappedUser(box, { uid: [own(0)], gid: [own(0)] }, { through: MAP_ROOT });
    const [ids] = await user.look(["ids"]);
    assert.equal(ids.uid, 0);
    box.config.linux.uidMappings = [own(USER_ID)];
    const refusal = refusalOf(await user.run());
    assert.match(
      refusal,
      new RegExp(`/linux/uidMappings/0: .* maps the user ids ${USER_ID}, and the caller's own .* has 0 `),
    );
  },
  OURS,
);

containerTest(
  "root of a user's namespace with many ids gives containers users and groups",
  async (box) => {
    const user = await mappedUser(box, ONLY_SUBORDINATE, { through: [...MAP_ROOT, "--map-auto"] });
    delete box.config.linux.uidMappings;
    delete box.config.linux.gidMappings;
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "user");
    box.config.process.user = { uid: 7, gid: 8, additionalGids: [9] };
    const [ids, status] = await user.look(["ids"], ["cat", "/proc/self/status"]);
    assert.deepEqual([ids.uid, ids.gid], [7, 8]);
    assert.equal(parseProcStatus(succeeded(status)).Groups?.trim(), "9");
  },
  { needs: [...(ALL.needs ?? []), () => (UNSHARE_HELP.includes("--map-auto") ? undefined : "needs util-linux 2.38")] },
);

function own(hostID: number): SpecIdMapping {
  return { containerID: 0, hostID, size: 1 };
}

function subordinate(containerID: number, size: number): SpecIdMapping {
  return { containerID, hostID: SUBORDINATE.first, size };
}

interface Mappings {
  readonly uid: readonly SpecIdMapping[];
  readonly gid: readonly SpecIdMapping[];
}

function setMappings(box: TestBox, { uid, gid }: Mappings): void {
  box.config.linux.uidMappings = [...uid];
  box.config.linux.gidMappings = [...gid];
}

/** A user with subordinate ids and a config of `spec --rootless` with these mappings. */
async function mappedUser(box: TestBox, mappings: Mappings, options: OrdinaryUserOptions = {}): Promise<OrdinaryUser> {
  const user = await rootlessUser(box, { hasSubordinateIds: true, ...options });
  setMappings(box, mappings);
  return user;
}

function numbersOf(map: string): readonly (readonly number[])[] {
  return map
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
}
