import assert from "node:assert/strict";
import { test } from "node:test";
import type { CgroupFactReaders } from "../../../src/sys/cgroup-facts.ts";
import { cgroupFactsFrom } from "../../../src/sys/cgroup-facts.ts";

const HYBRID = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:4 - cgroup cgroup rw,seclabel,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/lib/agent,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
const HYBRID_SELF = `9:name=systemd:/user.slice
4:memory:/a
1:cpu,cpuacct:/b/c
0::/d
`;

const asRoot: CgroupFactReaders = {
  readFile: (path) => (path.endsWith("cgroup.controllers") ? "hugetlb misc\n" : "\n"),
};

test("cgroupFactsFrom lists co-mounted, named and unified hierarchies of a hybrid host", () => {
  const facts = cgroupFactsFrom(HYBRID, HYBRID_SELF, asRoot);
  assert.deepEqual(facts, {
    v1: [
      {
        controllers: ["cpu", "cpuacct"],
        mountpoint: "/sys/fs/cgroup/cpu,cpuacct",
        mountRoot: "/",
        ownPath: "/b/c",
        writable: true,
      },
      { controllers: ["memory"], mountpoint: "/sys/fs/cgroup/memory", mountRoot: "/", ownPath: "/a", writable: false },
      {
        controllers: [],
        name: "systemd",
        mountpoint: "/sys/fs/cgroup/systemd",
        mountRoot: "/",
        ownPath: "/user.slice",
        writable: true,
      },
    ],
    v2: {
      controllers: ["hugetlb", "misc"],
      enabled: [],
      mountpoint: "/sys/fs/cgroup/unified",
      mountRoot: "/",
      ownPath: "/d",
      writable: true,
    },
  });
});

test("cgroupFactsFrom prefers the mount that shows the whole hierarchy", () => {
  const table = `50 1 0:32 /docker/x /mnt/part rw - cgroup cgroup rw,memory
51 1 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
52 1 0:32 /docker/y /mnt/other rw - cgroup cgroup rw,memory
60 1 0:38 /x /mnt/x rw - cgroup2 cgroup2 rw
61 1 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
`;
  const facts = cgroupFactsFrom(table, "4:memory:/\n0::/\n", asRoot);
  assert.deepEqual(
    facts.v1.map(({ mountpoint }) => mountpoint),
    ["/sys/fs/cgroup/memory"],
  );
  assert.equal(facts.v2?.mountpoint, "/sys/fs/cgroup");
});

test("cgroupFactsFrom has no v2 when none is mounted, and nothing at all on a host without cgroups", () => {
  assert.deepEqual(cgroupFactsFrom("22 27 0:21 / /proc rw - proc proc rw\n", "0::/\n", asRoot), { v1: [] });
});

test("cgroupFactsFrom asks for permission where a user's cgroups would be made", () => {
  const asked: string[] = [];
  const read: string[] = [];
  const table = `41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw
42 31 0:39 / /v1/pids rw - cgroup cgroup rw,pids
`;
  const own = "3:pids:/mine\n0::/user.slice/app.slice/run.scope\n";
  const facts = cgroupFactsFrom(table, own, {
    readFile: (path) => {
      read.push(path);
      return "memory pids";
    },
    isWritable: (directory) => {
      asked.push(directory);
      return directory.startsWith("/sys");
    },
  });
  assert.deepEqual(asked, ["/sys/fs/cgroup/user.slice/app.slice", "/v1/pids/mine"]);
  assert.deepEqual(read, [
    "/sys/fs/cgroup/user.slice/app.slice/cgroup.controllers",
    "/sys/fs/cgroup/user.slice/app.slice/cgroup.subtree_control",
  ]);
  assert.equal(facts.v2?.writable, true);
  assert.equal(facts.v1[0]?.writable, false);
});
