import assert from "node:assert/strict";
import { it } from "node:test";
import { canRun, type HostFinding } from "../../../src/base/host-finding.ts";
import { NAMESPACES, type NamespaceType } from "../../../src/linux/namespaces.ts";
import { bundleFindings, hostFindings } from "../../../src/runtime/doctor.ts";
import type { DoctorFacts } from "../../../src/runtime/doctor-facts.ts";

const ALL = ["cpu", "cpuset", "io", "memory", "pids"];
const UNIFIED = { mountpoint: "/sys/fs/cgroup", mountRoot: "/", ownPath: "/a/b", writable: true, enabled: [] };

/** A host with everything, and its root. */
const WHOLE: DoctorFacts = {
  kernel: {
    release: "6.1.0-18-amd64",
    capabilities: ["CAP_KILL", "CAP_SYS_ADMIN"],
    boundingSet: ["CAP_KILL", "CAP_SYS_ADMIN"],
    // The keys of a constant table.
    namespaces: Object.keys(NAMESPACES) as NamespaceType[],
    filesystems: ["proc", "sysfs", "tmpfs", "devpts", "mqueue"],
    hasModules: true,
    seccompActions: ["SCMP_ACT_ALLOW", "SCMP_ACT_NOTIFY"],
    seccompFlags: ["SECCOMP_FILTER_FLAG_LOG"],
    hasApparmor: true,
    hasSelinux: false,
    hasMountSetattr: true,
  },
  architecture: "x64",
  host: {
    cgroup: { v1: [], v2: { ...UNIFIED, controllers: ALL } },
    uid: 0,
    gid: 0,
    isPrivileged: true,
    isInitialUserNamespace: true,
    capabilities: 3n,
  },
  rootless: {
    user: "root",
    uid: { program: "/usr/bin/newuidmap", ranges: [] },
    gid: { program: "/usr/bin/newgidmap", ranges: [] },
    sysctls: { "user.max_user_namespaces": "100" },
  },
  systemd: { version: 252 },
  criu: "/usr/sbin/criu",
  stateRoot: "/run/state",
  containers: [],
};

const ANN = { uid: 1000, gid: 1000, isPrivileged: false, capabilities: 0n } as const;

function asUser(facts: DoctorFacts, rootless: Partial<DoctorFacts["rootless"]> = {}): DoctorFacts {
  const ranges = [{ owner: "ann", first: 100_000, count: 65_536 }];
  const ids = { uid: { ...facts.rootless.uid, ranges }, gid: { ...facts.rootless.gid, ranges } };
  return {
    ...facts,
    host: { ...facts.host, ...ANN },
    rootless: { ...facts.rootless, ...ids, user: "ann", ...rootless },
  };
}

function withKernel(kernel: Partial<DoctorFacts["kernel"]>): DoctorFacts {
  return { ...WHOLE, kernel: { ...WHOLE.kernel, ...kernel } };
}

function withCgroup(cgroup: DoctorFacts["host"]["cgroup"], facts = WHOLE): DoctorFacts {
  return { ...facts, host: { ...facts.host, cgroup } };
}

function notFine(facts: DoctorFacts): readonly HostFinding[] {
  return hostFindings(facts).filter(({ status }) => status !== "ok");
}

it("a host with everything has nothing but ok, for root and for a user with subordinate ids", () => {
  assert.deepEqual(notFine(WHOLE), []);
  assert.deepEqual(notFine(asUser(WHOLE)), []);
});

it("the kernel's age counts by its number, unless it has the calls all the same", () => {
  const old = hostFindings(withKernel({ release: "5.11.0", hasMountSetattr: false }));
  assert.deepEqual(
    old.filter(({ status }) => status === "missing").map(({ name }) => name),
    ["kernel", "mounts"],
  );
  assert.equal(canRun(hostFindings(withKernel({ release: "4.18.0-553.el8" }))), true);
  assert.equal(canRun(hostFindings(withKernel({ release: "6.1.0", hasMountSetattr: false }))), false);
});

for (const [what, facts, expected] of [
  ["an architecture without programs", { ...WHOLE, architecture: "riscv64" }, ["missing architecture"]],
  ["no time namespace", withKernel({ namespaces: without("time") }), ["warning time namespace CONFIG_TIME_NS=y"]],
  [
    "no user namespace, for root",
    withKernel({ namespaces: without("user") }),
    ["warning user namespace CONFIG_USER_NS=y"],
  ],
  [
    "no user namespace, for a user",
    asUser(withKernel({ namespaces: without("user") })),
    ["missing user namespace CONFIG_USER_NS=y"],
  ],
  [
    "no mqueue",
    withKernel({ filesystems: ["proc", "sysfs", "tmpfs", "devpts"] }),
    ["warning filesystems modprobe -a mqueue"],
  ],
  ["a reduced bounding set", withKernel({ boundingSet: ["CAP_KILL"] }), ["warning capabilities without CAP_SYS_ADMIN"]],
  ["no seccomp", withKernel({ seccompActions: [] }), ["warning seccomp CONFIG_SECCOMP_FILTER=y"]],
  ["no notify", withKernel({ seccompActions: ["SCMP_ACT_ALLOW"] }), ["warning seccomp notify boot Linux 5.0"]],
  ["no security module", withKernel({ hasApparmor: false }), ["warning security modules apparmor=1"]],
  [
    "a state root that is not the caller's",
    { ...WHOLE, containers: { problem: 'Cannot list "/run/state"' } },
    ["missing containers Cannot list"],
  ],
  ["no criu", omitCriu(WHOLE), ["warning criu Debian: criu"]],
  [
    "a forbidding parameter, for root",
    { ...WHOLE, rootless: { ...WHOLE.rootless, sysctls: { "user.max_user_namespaces": "0" } } },
    ["warning user namespaces sysctl -w user.max_user_namespaces=15000"],
  ],
  [
    "a forbidding parameter, for a user",
    asUser(WHOLE, { sysctls: { "kernel.unprivileged_userns_clone": "0" } }),
    ["missing user namespaces sysctl -w kernel.unprivileged_userns_clone=1"],
  ],
  [
    "AppArmor's parameter, for a user",
    asUser(WHOLE, { sysctls: { "kernel.apparmor_restrict_unprivileged_userns": "1" } }),
    ["warning user namespaces sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"],
  ],
  [
    "no line for the user, and another's",
    asUser(WHOLE, {
      uid: { program: "/usr/bin/newuidmap", ranges: [{ owner: "bob", first: 100_000, count: 65_536 }] },
      gid: { program: "/usr/bin/newgidmap", ranges: [] },
    }),
    [
      'warning user ids add the line "ann:165536:65536" to /etc/subuid',
      'warning group ids add the line "ann:100000:65536" to /etc/subgid',
    ],
  ],
  ["no newuidmap", asUser(WHOLE, { uid: {} }), ["warning user ids apt-get install uidmap"]],
  ["no cgroups", withCgroup({ v1: [] }), ["warning cgroups mount -t cgroup2", "warning controllers none"]],
  [
    "a controller that is not delegated",
    withCgroup({ v1: [], v2: { ...UNIFIED, controllers: ["memory", "pids"] } }, asUser(WHOLE)),
    ["warning controllers Delegate=cpu cpuset io memory pids"],
  ],
  [
    "a read-only v1 hierarchy",
    withCgroup({ v1: [{ ...UNIFIED, mountpoint: "/sys/fs/cgroup/pids", writable: false, controllers: ["pids"] }] }),
    ["warning cgroups any hierarchy", "warning controllers boot a kernel"],
  ],
  [
    "no systemd",
    { ...WHOLE, systemd: { problem: "Cannot let systemd make the cgroup: it is not here", fix: "leave it out" } },
    ["warning systemd it is not here"],
  ],
  [
    "a state that cannot be read",
    { ...WHOLE, containers: [{ id: "web", problem: "Cannot read the state" }] },
    ["warning containers mydocker-runtime --root /run/state delete --force web"],
  ],
] as const satisfies readonly (readonly [string, DoctorFacts, readonly string[]])[]) {
  it(`doctor tells of ${what}, and of nothing else`, () => {
    const found = notFine(facts);
    assert.equal(found.length, expected.length, JSON.stringify(found));
    for (const [index, line] of expected.entries()) {
      const { status, name, seen, effect = "", fix = "" } = found[index] ?? assert.fail("a finding is missing");
      const [start, rest] = [`${status} ${name}`, `${seen} ${effect} ${fix}`];
      assert.ok(line.startsWith(start), `${start}: ${line}`);
      assert.ok(rest.includes(line.slice(start.length + 1)), `${line}: ${rest}`);
      assert.notEqual(effect, "");
    }
  });
}

it("bundleFindings names the key that would not run here, and says so where all would", () => {
  const place = { line: 3, column: 5 };
  const problem = {
    code: "COMMAND_MISSING",
    severity: "error",
    pointer: "/process/args/0",
    value: '"nosuch"',
    message: "is no program",
    fix: "put it there",
    location: { start: place, end: place, exact: true },
  } as const;
  const report = { file: "/b/config.json", isHostChecked: true };
  assert.deepEqual(bundleFindings({ ...report, findings: [] }), [
    { status: "ok", name: "bundle", seen: "/b/config.json would run here" },
  ]);
  assert.deepEqual(bundleFindings({ ...report, findings: [problem] }), [
    {
      status: "missing",
      name: "bundle /process/args/0",
      seen: '"nosuch" is no program (line 3, column 5)',
      effect: "this bundle does not run here",
      fix: "put it there",
    },
  ]);
  const warned = bundleFindings({ ...report, findings: [{ ...problem, severity: "warning" }] });
  assert.deepEqual(
    warned.map(({ status }) => status),
    ["ok", "warning"],
  );
});

function without(absent: NamespaceType): readonly NamespaceType[] {
  return WHOLE.kernel.namespaces.filter((type) => type !== absent);
}

function omitCriu({ criu: _criu, ...facts }: DoctorFacts): DoctorFacts {
  return facts;
}
