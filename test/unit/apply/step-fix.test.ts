import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureRecord } from "../../../src/apply/failure-record.ts";
import { StepError } from "../../../src/apply/step-error.ts";
import { errnoTable } from "../../../src/linux/errno.ts";
import { MOUNT_ATTR } from "../../../src/linux/mount-flags.ts";
import { rlimitNumber } from "../../../src/linux/rlimits.ts";
import type { Op } from "../../../src/plan/op-table.ts";

const ATTACH: Op = {
  op: "mount.attach",
  slot: 2,
  source: "/srv",
  target: "/data",
  attrSet: MOUNT_ATTR.NOEXEC,
  attrClear: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID,
  recursiveSet: 0,
  recursiveClear: 0,
  propagation: [],
  flags: 0,
};
const HELPER: Op = { op: "idmap.helper", program: "/usr/bin/newuidmap", triples: ["0", "1", "1"] };

function fixOf(op: Op, name: string, more: Partial<FailureRecord> = {}): string | undefined {
  return failure(op, name, more).details.fix;
}

function failure(op: Op, name: string, more: Partial<FailureRecord>): StepError {
  const errno = Number(Object.keys(errnoTable()).find((number) => errnoTable()[Number(number)]?.name === name));
  const place = { step: 0, stage: "init", origin: "/mounts/0" } as const;
  return new StepError({ ...place, errno, call: "", detail: "", note: "", opName: op.op, op, ...more });
}

test("stepFix names the options that a user namespace cannot grant", () => {
  const fix = 'leave out rw, suid: a user namespace keeps the flags that the host has given to "/srv"';
  assert.equal(fixOf(ATTACH, "EPERM", { call: "mount_setattr" }), fix);
  assert.equal(fixOf(ATTACH, "EPERM", { call: "move_mount" }), undefined);
  assert.equal(fixOf({ ...ATTACH, attrClear: 0 }, "EPERM", { call: "mount_setattr" }), undefined);
});

test("stepFix says rbind where a part of a tree cannot be bound", () => {
  const open: Op = { op: "tree.open", slot: 2, path: "/sys", recursive: 0 };
  assert.match(fixOf(open, "EINVAL") ?? "", /^write "rbind" for "bind"/);
  assert.equal(fixOf({ ...open, recursive: 1 }, "EINVAL"), undefined);
});

test("stepFix says which source is missing, by what needs it", () => {
  const open: Op = { op: "tree.open", slot: 2, path: "/dev/fuse", recursive: 0 };
  assert.equal(fixOf(open, "ENOENT"), 'create "/dev/fuse" or correct the mount\'s source');
  assert.equal(fixOf(open, "ENOENT", { origin: "/linux/devices/0" }), 'create "/dev/fuse" or leave it out');
});

test("stepFix has the reasons why newuidmap refuses", () => {
  const other = "exit status 1: newuidmap: Target process 5 is owned by a different user: uid:5";
  assert.match(fixOf(HELPER, "ECANCELED", { call: "program", note: other }) ?? "", /own group of \/etc\/passwd/);
  const powerless = "exit status 1: newuidmap: write to uid_map failed: Operation not permitted";
  assert.match(
    fixOf(HELPER, "ECANCELED", { call: "program", note: powerless }) ?? "",
    /chmod u\+s \/usr\/bin\/newuidmap/,
  );
  assert.equal(
    failure(HELPER, "ECANCELED", { call: "program", note: powerless, origin: "/linux/uidMappings" }).message,
    `Cannot write the id mappings with "/usr/bin/newuidmap": it ended with ${powerless}`,
  );
});

test("stepFix has none for a step and an error without one", () => {
  assert.equal(fixOf({ op: "umask", mask: 0 }, "EPERM"), undefined);
});

test("stepFix says where a cgroup can hand a controller on", () => {
  const path = "/cg/up/cgroup.subtree_control";
  const enable: Op = {
    op: "cgroup.write",
    path,
    value: "+memory",
    when: "always",
    orElse: "",
    orElseValue: "",
    missing: "",
  };
  assert.match(fixOf(enable, "EBUSY") ?? "", /below none with processes/);
  assert.match(fixOf(enable, "EOPNOTSUPP") ?? "", /in no threaded tree/);
  const limit = { ...enable, path: "/cg/up/memory.max" };
  assert.match(fixOf(limit, "EBUSY") ?? "", /above what is in use/);
  assert.equal(fixOf(limit, "EOPNOTSUPP"), undefined);
});

test("stepFix names the limits of processes, and the bound of open files beside the caller's own", () => {
  assert.match(fixOf({ op: "init.clone", flags: 0 }, "EAGAIN") ?? "", /pids\.max.*RLIMIT_NPROC/);
  const allow = (name: string): Op => ({ op: "rlimit.allow", resource: rlimitNumber(name) ?? -1, hard: 2_000_000 });
  assert.match(fixOf(allow("RLIMIT_NOFILE"), "EPERM") ?? "", /hard limit.*fs\.nr_open/);
  assert.doesNotMatch(fixOf(allow("RLIMIT_CORE"), "EPERM") ?? "", /nr_open/);
});

test("stepFix says how an ordinary user gets more ids", () => {
  assert.match(fixOf({ op: "user.set", uid: 1000, gid: 0 }, "EINVAL") ?? "", /usermod --add-subuids/);
  assert.equal(fixOf({ op: "user.set", uid: 1000, gid: 0 }, "EPERM"), undefined);
});
