import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Mount, PlanInput } from "../../../../src/plan/plan-input.ts";
import { UNIFIED_HOST, V1_HOST } from "../../../../src/tools/fixed-hosts.ts";
import { type Fragment, linesFrom, opsOf } from "../plan-of.ts";

const OWN = [{ containerID: 0, hostID: 1000, size: 1 }];
const USER_NAMESPACE: Fragment["linux"] = {
  namespaces: [{ type: "user" }, { type: "mount" }],
  uidMappings: OWN,
  gidMappings: OWN,
};
const CGROUP_NAMESPACE: Fragment["linux"] = { namespaces: [{ type: "cgroup" }, { type: "mount" }] };
const CGROUP: Mount = { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "ro"] };

interface Case {
  readonly what: string;
  readonly mount: Mount;
  readonly linux?: Fragment["linux"];
  readonly annotations?: Fragment["annotations"];
  readonly more?: Partial<PlanInput>;
  readonly lines: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: "a filesystem with flags of the mount, of the superblock and options of its own",
    mount: { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "ro", "hidepid=2"] },
    lines: ["init mount.fs proc → /proc ro,nosuid ro hidepid=2"],
  },
  {
    what: "relative paths from the root and from the bundle",
    mount: { destination: "data", source: "data", options: ["bind", "rslave", "ro"] },
    lines: ["init tree.open #9 /bundle/data", "init mount.attach /bundle/data → /data ro rslave"],
  },
  {
    what: "the type bind as the option",
    mount: { destination: "/x", type: "bind", source: "/x" },
    lines: ["init tree.open #9 /x", "init mount.attach /x → /x"],
  },
  {
    what: "recursive attributes, and each change of the propagation",
    mount: { destination: "/x", source: "/x", options: ["rbind", "rro", "private", "rshared"] },
    lines: ["init tree.open #9 /x", "init mount.attach /x → /x rro private,rshared"],
  },
  {
    what: "sources that a user namespace could not reach, by the parent",
    mount: { destination: "/x", source: "/x", options: ["rbind"] },
    linux: USER_NAMESPACE,
    lines: ["parent tree.open #10 /x", "init mount.attach /x → /x"],
  },
  {
    what: "id-mapped mounts by the parent, which has the rights",
    mount: { destination: "/x", source: "/x", options: ["bind", "idmap"], uidMappings: OWN, gidMappings: OWN },
    lines: ["parent tree.open #9 /x", "parent tree.idmap #9 uid 0 1000 1 gid 0 1000 1", "init mount.attach /x → /x"],
  },
  {
    what: "an id-mapped mount without mappings as the user namespace that is joined",
    mount: { destination: "/x", source: "/x", options: ["bind", "idmap"] },
    linux: { namespaces: [{ type: "mount" }, { type: "user", path: "/ns/user" }] },
    lines: ["parent tree.open #10 /x", "parent tree.idmap_like #10 /ns/user", "init mount.attach /x → /x"],
  },
  {
    what: "a source in the root filesystem by the parent in its turn, where a user namespace could not reach it",
    mount: { destination: "/x", source: "/bundle/rootfs/y", options: ["rbind"] },
    linux: USER_NAMESPACE,
    lines: [
      "init sync.post mounts",
      "parent sync.wait mounts",
      "parent tree.open_inside #16 /bundle/rootfs/y",
      "parent tree.send #16",
      "init tree.receive #16",
      "init mount.attach /bundle/rootfs/y → /x",
    ],
  },
  {
    what: "an id-mapped source in the root filesystem in its turn",
    mount: { destination: "/x", source: "rootfs/y", options: ["bind", "idmap"], uidMappings: OWN, gidMappings: OWN },
    lines: [
      "init sync.post mounts",
      "parent sync.wait mounts",
      "parent tree.open_inside #9 /bundle/rootfs/y",
      "parent tree.idmap #9 uid 0 1000 1 gid 0 1000 1",
      "parent tree.send #9",
      "init tree.receive #9",
      "init mount.attach /bundle/rootfs/y → /x",
    ],
  },
  {
    what: "the host's name of a place in the root filesystem there",
    mount: { destination: "/bundle/rootfs/y", type: "tmpfs", source: "t" },
    lines: ["init mount.fs tmpfs → /y"],
  },
  {
    what: "a destination that only begins like the host's name",
    mount: { destination: "/bundle/rootfs-2", type: "tmpfs", source: "t" },
    lines: ["init mount.fs tmpfs → /bundle/rootfs-2"],
  },
  {
    what: "a remount as a change of the mount that is there",
    mount: { destination: "/x", options: ["remount", "nosuid", "ro"] },
    lines: ["init mount.attr /x ro,nosuid"],
  },
  {
    what: "flags that only mount(2) knows by mount(2)",
    mount: { destination: "/x", type: "tmpfs", source: "t", options: ["silent", "noexec", "size=1m"] },
    lines: ["init mount.classic tmpfs → /x noexec,silent size=1m"],
  },
  {
    what: "options that fsconfig(2) cannot carry by mount(2)",
    mount: { destination: "/x", type: "overlay", source: "o", options: [`lowerdir=${"/lower".repeat(50)}`] },
    lines: [`init mount.classic overlay → /x lowerdir=${"/lower".repeat(50)}`],
  },
  {
    what: "a tmpfs with a copy of what it hides",
    mount: { destination: "/x", type: "tmpfs", source: "t", options: ["tmpcopyup", "ro"] },
    lines: ["init mount.copy_up tmpfs → /x ro"],
  },
  {
    what: "recursive attributes of a new filesystem behind the mount",
    mount: { destination: "/x", type: "tmpfs", source: "t", options: ["rnoexec", "sync"] },
    lines: ["init mount.fs tmpfs → /x sync", "init mount.attr /x noexec recursively"],
  },
  {
    what: "a label where SELinux is enabled",
    mount: { destination: "/x", type: "tmpfs", source: "t" },
    linux: { namespaces: [{ type: "mount" }], mountLabel: "system_u:object_r:x" },
    more: { host: { ...V1_HOST, selinux: true } },
    lines: ['init mount.fs tmpfs → /x "context=\\"system_u:object_r:x\\""'],
  },
  {
    what: "a label of the kind that an annotation of crun's names",
    mount: { destination: "/x", type: "tmpfs", source: "t" },
    linux: { namespaces: [{ type: "mount" }], mountLabel: "system_u:object_r:x" },
    annotations: { "run.oci.mount_context_type": "rootcontext" },
    more: { host: { ...V1_HOST, selinux: true } },
    lines: ['init mount.fs tmpfs → /x "rootcontext=\\"system_u:object_r:x\\""'],
  },
  {
    what: "no label on proc, which labels its files by itself",
    mount: { destination: "/proc", type: "proc", source: "proc" },
    linux: { namespaces: [{ type: "mount" }], mountLabel: "system_u:object_r:x" },
    more: { host: { ...V1_HOST, selinux: true } },
    lines: ["init mount.fs proc → /proc"],
  },
  {
    what: "a read-only /dev when the devices are in it",
    mount: { destination: "/dev/", type: "tmpfs", source: "t", options: ["ro"] },
    lines: ["init mount.fs tmpfs → /dev/", "init mount.attr /dev/ ro"],
  },
  {
    what: "the one hierarchy of a unified host, as the container's own cgroup",
    mount: CGROUP,
    more: { host: UNIFIED_HOST },
    lines: ["init tree.open #3 /sys/fs/cgroup/box", "init mount.attach /sys/fs/cgroup/box → /sys/fs/cgroup ro,nosuid"],
  },
  {
    what: "the one hierarchy of a unified host as it is in a cgroup namespace",
    mount: CGROUP,
    linux: CGROUP_NAMESPACE,
    more: { host: UNIFIED_HOST },
    lines: ["init mount.fs cgroup2 → /sys/fs/cgroup ro,nosuid"],
  },
];

/** A host with two hierarchies, one of two controllers and one with a name only. */
const TWO_HIERARCHIES = {
  ...V1_HOST,
  cgroup: { v1: V1_HOST.cgroup.v1.filter(({ controllers, name }) => controllers.length === 2 || name !== undefined) },
};

describe("addMounts", () => {
  for (const { what, mount, linux, annotations = {}, more, lines } of CASES) {
    it(`mounts ${what}`, () => {
      assert.deepEqual(linesFrom("/mounts/0", { mounts: [mount], linux, annotations }, more), lines);
    });
  }

  it("mounts the hierarchies of version 1 in a tmpfs, which is read-only when they are in it", () => {
    assert.deepEqual(linesFrom("/mounts/0", { mounts: [CGROUP] }, { host: TWO_HIERARCHIES }), [
      "init mount.fs tmpfs → /sys/fs/cgroup nosuid mode=755",
      "init tree.open #4 /sys/fs/cgroup/cpu,cpuacct/box",
      "init mount.attach /sys/fs/cgroup/cpu,cpuacct/box → /sys/fs/cgroup/cpu,cpuacct ro,nosuid",
      "init dev.symlink /sys/fs/cgroup/cpu → cpu,cpuacct",
      "init dev.symlink /sys/fs/cgroup/cpuacct → cpu,cpuacct",
      "init tree.open #4 /sys/fs/cgroup/systemd/box",
      "init mount.attach /sys/fs/cgroup/systemd/box → /sys/fs/cgroup/systemd ro,nosuid",
      "init mount.attr /sys/fs/cgroup ro",
    ]);
  });

  it("mounts hierarchies of version 1 by themselves in a cgroup namespace", () => {
    const fragment = { mounts: [CGROUP], linux: CGROUP_NAMESPACE };
    assert.deepEqual(
      linesFrom("/mounts/0", fragment, { host: TWO_HIERARCHIES }).filter((line) => line.includes(" cgroup ")),
      [
        "init mount.fs cgroup → /sys/fs/cgroup/cpu,cpuacct ro,nosuid cpu cpuacct",
        "init mount.fs cgroup → /sys/fs/cgroup/systemd ro,nosuid none name=systemd",
      ],
    );
  });

  for (const [what, linux] of [
    ["by the init, one after the other", undefined],
    ["by the parent, all at once", USER_NAMESPACE],
  ] as const) {
    it(`has descriptors for hundreds of mounts whose sources are opened ${what}`, () => {
      const mounts = Array.from({ length: 500 }, (_, index) => ({
        destination: `/m${index}`,
        source: "/x",
        options: ["bind"],
      }));
      // The laws of order hold, and with them the bounds of slots.
      assert.equal(opsOf("mount.attach", { mounts, linux }).filter(({ source }) => source === "/x").length, 500);
    });
  }

  it("lets nothing be mounted over a proc filesystem but proc itself and files by name", () => {
    const bind = (destination: string): Mount => ({ destination, source: "/x", options: ["bind"] });
    const mounts = ["/proc/uptime", "/proc/sys/kernel/ns_last_pid", "/proc", "/proc/sys", "/proc/uptime/..", "/x"].map(
      bind,
    );
    const allowed = opsOf("mount.attach", { mounts }).filter(({ flags }) => (Number(flags) & 1) === 1);
    assert.deepEqual(
      allowed.map(({ target }) => target),
      ["/proc/uptime", "/proc/sys/kernel/ns_last_pid"],
    );
    const [proc] = opsOf("mount.fs", { mounts: [{ destination: "/proc", type: "proc", source: "proc" }] });
    assert.equal(Number(proc?.flags) & 1, 1);
  });

  it("refuses a link in the place of what the kernel shows", () => {
    const mounts = ["proc", "sysfs", "tmpfs"].map((type) => ({ destination: `/${type}`, type, source: type }));
    const flags = opsOf("mount.fs", { mounts }).map((op) => Number(op.flags) & 2);
    assert.deepEqual(flags, [2, 2, 0]);
  });
});
