import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { UsageError } from "../../../src/base/errors.ts";
import type { CgroupPaths } from "../../../src/cgroup/cgroup-plan.ts";
import type { CgroupFacts } from "../../../src/cgroup/facts.ts";
import { execCgroups } from "../../../src/runtime/exec-cgroup.ts";
import type { StoredState } from "../../../src/state/schema.ts";
import { readText } from "../../../src/sys/files.ts";

const V1: CgroupPaths = { v1: { cpu: "/cg/cpu/box", cpuacct: "/cg/cpu/box", pids: "/cg/pids/box" } };
const HYBRID: CgroupPaths = { ...V1, v2: "/cg/unified/box" };
const V2: CgroupPaths = { v1: { "name=systemd": "/cg/systemd/box" }, v2: "/cg/box" };
const NO_FACTS: CgroupFacts = { v1: [] };

const directory = mkdtempSync(join(tmpdir(), "mdr-exec-cgroup-"));
after(() => rmSync(directory, { recursive: true }));

describe("execCgroups", () => {
  const cases: readonly (readonly [name: string, CgroupPaths, wanted: readonly string[], expected: CgroupPaths])[] = [
    ["the container's own when none is named", V1, [], V1],
    [
      "one below, of one controller",
      V1,
      ["pids:a/b"],
      { v1: { cpu: "/cg/cpu/box", cpuacct: "/cg/cpu/box", pids: "/cg/pids/box/a/b" } },
    ],
    [
      "one below, of several controllers",
      V1,
      ["cpu,cpuacct:/a/", "pids:b"],
      { v1: { cpu: "/cg/cpu/box/a", cpuacct: "/cg/cpu/box/a", pids: "/cg/pids/box/b" } },
    ],
    [
      "one below, of every v1 controller",
      HYBRID,
      ["a"],
      { v1: { cpu: "/cg/cpu/box/a", cpuacct: "/cg/cpu/box/a", pids: "/cg/pids/box/a" }, v2: "/cg/unified/box" },
    ],
    ["one below, of the unified hierarchy", V2, ["a"], { ...V2, v2: "/cg/box/a" }],
  ];
  for (const [name, cgroup, wanted, expected] of cases) {
    it(`gives ${name}`, () => assert.deepEqual(execCgroups(stateWith(cgroup), wanted, NO_FACTS), expected));
  }

  for (const [wanted, says] of [
    [["pids:../other"], /\.\.\/other is not a sub cgroup path/],
    [["a/../../b"], /is not a sub cgroup path/],
    [["nosuch:a"], /unknown controller "nosuch"/],
    [["pids:a", "pids:b"], /"pids" is there twice/],
    [["a", "pids:b"], /"a" has no controllers/],
    [[":a"], /":a" names no controller/],
  ] as const) {
    it(`refuses ${wanted.join(" and ")}`, () => {
      assert.throws(
        () => execCgroups(stateWith(V1), wanted, NO_FACTS),
        (error) => error instanceof UsageError && error.details.flag === "--cgroup" && says.test(error.message),
      );
    });
  }

  it("goes where the init went when the container's v2 cgroup gives its controllers away", () => {
    const ownPath = /^0::(.*)$/m.exec(readText("/proc/self/cgroup"))?.[1];
    if (ownPath === undefined) return;
    const place = { mountpoint: "/elsewhere", mountRoot: "/", ownPath: "/", writable: true };
    const facts: CgroupFacts = { v1: [], v2: { ...place, controllers: [], enabled: [] } };
    const cgroup = (enabled: string): CgroupPaths => {
      const v2 = join(directory, enabled === "" ? "leaf" : "inner");
      mkdirSync(v2, { recursive: true });
      writeFileSync(join(v2, "cgroup.subtree_control"), enabled);
      return { v1: {}, v2 };
    };
    const leaf = cgroup("");
    assert.deepEqual(execCgroups(stateWith(leaf), [], facts), leaf);
    const expected = ownPath === "/" ? "/elsewhere" : `/elsewhere${ownPath}`;
    assert.deepEqual(execCgroups(stateWith(cgroup("memory pids\n")), [], facts), { v1: {}, v2: expected });
  });
});

/** A container whose init is this process. */
function stateWith(cgroup: CgroupPaths): StoredState {
  return {
    version: 1,
    phase: "created",
    id: "box",
    ociVersion: "1.3.0",
    pid: process.pid,
    startTime: 1,
    bundle: "/bundle",
    rootfs: "/rootfs",
    created: "2026-01-01T00:00:00Z",
    owner: "root",
    cgroup,
  };
}
