import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Config } from "../../../src/config/types.gen.ts";
import { externalMounts, externalNamespaces, joinedNamespaces } from "../../../src/runtime/checkpoint-external.ts";
import { UNIFIED_HOST, V1_HOST } from "../../../src/tools/fixed-hosts.ts";

const CONFIG: Config = {
  ociVersion: "1.3.0",
  mounts: [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/data", type: "bind", source: "data", options: ["ro"] },
    { destination: "etc/hosts", source: "/srv/hosts", options: ["rbind"] },
    { destination: "/data", options: ["remount", "bind", "ro"] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup" },
  ],
};
const BINDS = [
  { target: "/data", source: "/bundle/data" },
  { target: "/etc/hosts", source: "/srv/hosts" },
];

describe("externalMounts", () => {
  it("are the bind mounts, and the container's cgroup on a unified host", () => {
    const cgroup = { v1: {}, v2: "/sys/fs/cgroup/box" };
    const mounts = externalMounts({
      config: CONFIG,
      bundle: "/bundle",
      rootfs: "/bundle/rootfs",
      facts: UNIFIED_HOST.cgroup,
      cgroup,
    });
    assert.deepEqual(mounts, [...BINDS, { target: "/sys/fs/cgroup", source: "/sys/fs/cgroup/box" }]);
  });

  it("are the container's cgroup in each hierarchy of v1", () => {
    const cgroup = { v1: { cpu: "/c/box", cpuacct: "/c/box", "name=systemd": "/s/box" } };
    const mounts = externalMounts({
      config: CONFIG,
      bundle: "/bundle",
      rootfs: "/bundle/rootfs",
      facts: V1_HOST.cgroup,
      cgroup,
    });
    assert.deepEqual(mounts, [
      ...BINDS,
      { target: "/sys/fs/cgroup/cpu,cpuacct", source: "/c/box" },
      { target: "/sys/fs/cgroup/systemd", source: "/s/box" },
    ]);
  });

  it("are no cgroups of a container with a cgroup namespace", () => {
    const config = { ...CONFIG, linux: { namespaces: [{ type: "cgroup" as const }] } };
    const cgroup = { v1: {}, v2: "/sys/fs/cgroup/box" };
    assert.deepEqual(
      externalMounts({ config, bundle: "/bundle", rootfs: "/bundle/rootfs", facts: UNIFIED_HOST.cgroup, cgroup }),
      BINDS,
    );
  });
});

describe("externalNamespaces and joinedNamespaces", () => {
  it("are those with a path", () => {
    const config: Config = {
      ociVersion: "1.3.0",
      linux: {
        namespaces: [
          { type: "mount" },
          { type: "network", path: "/n" },
          { type: "pid", path: "/p" },
          { type: "uts", path: "/u" },
          { type: "ipc", path: "" },
        ],
      },
    };
    assert.deepEqual(externalNamespaces(config), [
      { kind: "net", path: "/n", key: "extRootNetNS" },
      { kind: "pid", path: "/p", key: "extRootPidNS" },
    ]);
    assert.deepEqual(joinedNamespaces(config), ["uts:/u"]);
  });
});
