import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dumpArguments, restoreArguments } from "../../../src/runtime/checkpoint-arguments.ts";
import { criuErrors } from "../../../src/runtime/checkpoint-criu.ts";
import type { CheckpointOptions, CriuOptions, RestoreOptions } from "../../../src/runtime/options.ts";

const COMMON: CriuOptions = {
  id: "box",
  imagePath: "/images",
  tcpEstablished: false,
  extUnixSk: false,
  shellJob: false,
  fileLocks: false,
  lazyPages: false,
  autoDedup: false,
  manageCgroups: "soft",
  emptyNetwork: false,
};
const DUMP: CheckpointOptions = {
  ...COMMON,
  leaveRunning: false,
  preDump: false,
  tcpSkipInFlight: false,
  linkRemap: false,
};
const RESTORE: RestoreOptions = { ...COMMON, bundle: "/bundle", detach: true, tcpClose: false };
const MOUNTS = [{ target: "/data", source: "/srv/data" }];

describe("dumpArguments", () => {
  const TARGET = { pid: 7, rootfs: "/rootfs", freezer: "/cg/box", mounts: MOUNTS, namespaces: ["net[8]:key"] };

  it("names the process, the directories and what is external", () => {
    assert.deepEqual(dumpArguments(DUMP, TARGET), [
      ...["dump", "--tree", "7", "--images-dir", "/images", "--work-dir", "/images", "--log-file", "dump.log", "-v4"],
      ...["--manage-cgroups=soft", "--root", "/rootfs", "--freeze-cgroup", "/cg/box"],
      ...["--external", "net[8]:key", "--external", "mnt[/data]:/data"],
    ]);
  });

  const cases: readonly (readonly [changes: Partial<CheckpointOptions>, expected: readonly string[]])[] = [
    [{ tcpEstablished: true }, ["--tcp-established"]],
    [{ extUnixSk: true }, ["--ext-unix-sk"]],
    [{ shellJob: true }, ["--shell-job"]],
    [{ fileLocks: true }, ["--file-locks"]],
    [{ lazyPages: true }, ["--lazy-pages"]],
    [{ autoDedup: true }, ["--auto-dedup"]],
    [{ emptyNetwork: true }, ["--empty-ns", "net"]],
    [{ manageCgroups: "strict" }, ["--manage-cgroups=strict"]],
    [{ workPath: "/work" }, ["--work-dir", "/work"]],
    [{ leaveRunning: true }, ["--leave-running"]],
    [{ tcpSkipInFlight: true }, ["--skip-in-flight"]],
    [{ linkRemap: true }, ["--link-remap"]],
    [{ parentPath: "../first" }, ["--prev-images-dir", "../first", "--track-mem"]],
    [{ pageServer: "[::1]:99" }, ["--page-server", "--address", "[::1]", "--port", "99"]],
    [{ statusFd: 5 }, ["--status-fd", "5"]],
  ];
  for (const [changes, expected] of cases) {
    it(`says ${expected.join(" ")} for ${JSON.stringify(changes)}`, () => {
      const args = dumpArguments({ ...DUMP, ...changes }, TARGET).join(" ");
      assert.ok(args.includes(expected.join(" ")), args);
    });
  }

  it("takes the memory only for a pre-dump, and lets the container run", () => {
    const args = dumpArguments({ ...DUMP, preDump: true, leaveRunning: true }, TARGET);
    assert.equal(args[0], "pre-dump");
    assert.ok(args.includes("--track-mem"));
    assert.ok(!args.includes("--leave-running") && !args.some((arg) => arg.startsWith("mnt[")));
  });
});

describe("restoreArguments", () => {
  const TARGET = {
    root: "/rootfs",
    pidFile: "/pid",
    mounts: MOUNTS,
    cgroupRoots: ["/box"],
    inheritedFds: ["fd[0]:pipe:[9]"],
    joinedNamespaces: ["uts:/ns"],
  };

  it("makes a sibling, and says what takes the place of what was external", () => {
    assert.deepEqual(restoreArguments(RESTORE, TARGET), [
      ...["restore", "--restore-detached", "--restore-sibling", "--pidfile", "/pid"],
      ...["--images-dir", "/images", "--work-dir", "/images", "--log-file", "restore.log", "-v4"],
      ...["--manage-cgroups=soft", "--root", "/rootfs", "--evasive-devices", "--cgroup-root", "/box"],
      ...["--external", "mnt[/data]:/srv/data", "--inherit-fd", "fd[0]:pipe:[9]", "--join-ns", "uts:/ns"],
    ]);
  });

  it("hands security labels on", () => {
    const args = restoreArguments(
      { ...RESTORE, tcpClose: true, lsmProfile: "selinux:x", lsmMountContext: "y" },
      TARGET,
    );
    assert.match(args.join(" "), /--tcp-close --lsm-profile selinux:x --lsm-mount-context y/);
  });
});

describe("criuErrors", () => {
  it("gives the last reasons without the closing line", () => {
    const log = `(00.000001) Version: 3.17.1
(00.000002) Error (criu/a.c:1): zero
(00.000003)     77: Error (criu/b.c:22): one.
Warn  (criu/c.c:3): no error
(00.000004) Error (criu/d.c:4): two
(00.000005) Error (criu/e.c:5): three
(00.000006) Error (criu/cr-dump.c:2053): Dumping FAILED.
`;
    assert.deepEqual(criuErrors(log), ["one", "two", "three"]);
    assert.deepEqual(criuErrors(""), []);
  });
});
