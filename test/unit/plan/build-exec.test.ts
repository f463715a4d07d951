import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../../src/base/problem.ts";
import type { Config } from "../../../src/config/types.gen.ts";
import { NAMESPACES, type NamespaceType } from "../../../src/linux/namespaces.ts";
import { buildExecPlan } from "../../../src/plan/build-exec.ts";
import { checkPlan } from "../../../src/plan/check.ts";
import type { ExecInput } from "../../../src/plan/exec-input.ts";
import type { Op, OpName } from "../../../src/plan/op-table.ts";
import { printPlan } from "../../../src/plan/print.ts";
import type { Step } from "../../../src/plan/step.ts";
import { compileSeccomp } from "../../../src/seccomp/compile-seccomp.ts";
import { ROOTLESS_HOST, UNIFIED_HOST, V1_HOST } from "../../../src/tools/fixed-hosts.ts";

const ALL_TYPES: readonly NamespaceType[] = ["mount", "pid", "network", "ipc", "uts"];

const CONFIG: Config = {
  ociVersion: "1.3.0",
  root: { path: "rootfs" },
  process: { cwd: "/", args: ["init"], user: { uid: 0, gid: 0 } },
  linux: { namespaces: ALL_TYPES.map((type) => ({ type })) },
};

const INPUT: ExecInput = {
  id: "box",
  config: CONFIG,
  process: { cwd: "/srv", args: ["tool", "-x"], env: ["PATH=/bin", "HOME=/"], user: { uid: 5, gid: 6 } },
  flags: {},
  host: V1_HOST,
  bundle: "/bundle",
  rootfs: "/bundle/rootfs",
  init: { pid: 4321, startTime: 987654 },
  namespaces: ALL_TYPES,
  cgroup: { v1: { memory: "/cg/memory/box", pids: "/cg/pids/box" } },
  noNewKeyring: false,
  detach: false,
  preserveFds: 0,
};

describe("buildExecPlan", () => {
  it("has systemd move the process before it does anything, where it cannot be born in the cgroup", () => {
    const cgroup = { v1: {}, v2: "/cg/box" };
    const attach = { unit: "box.scope", directory: "/cg/box", command: ["/bin/busctl", "{pid}"] };
    const { steps } = build({ cgroup, attach });
    const born = steps.findIndex(({ op }) => op.op === "child.clone");
    assert.deepEqual(
      steps.slice(born, born + 4).map(({ at, op }) => [at, op.op]),
      [
        ["parent", "child.clone"],
        ["parent", "scope.attach"],
        ["parent", "sync.post"],
        ["intermediate", "sync.wait"],
      ],
    );
    assert.ok(!steps.some(({ op }) => op.op === "cgroup.open"));
  });

  it("joins cgroups, hides, joins namespaces, prepares the process and executes it", () => {
    assert.equal(
      printPlan(build({}), "text"),
      `\
 1 parent       process.open       #2 4321                                                  ← /linux/namespaces
 2 parent       cgroup.open        #3 /cg/pids/box/tasks                                    ← /linux/cgroupsPath
 3 parent       cgroup.open        #4 /cg/memory/box/tasks                                  ← /linux/cgroupsPath
 4 parent       child.clone        intermediate                                             ← /linux/namespaces
 5 intermediate cgroup.join        #3 /cg/pids/box/tasks                                    ← /linux/cgroupsPath
 6 intermediate cgroup.join        #4 /cg/memory/box/tasks                                  ← /linux/cgroupsPath
 7 intermediate sched.affinity     all                                                      ← implied config-linux.md#cpu
 8 intermediate dumpable.clear                                                              ← /linux/namespaces
 9 intermediate ns.join_process    #2 4321 CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET ← /linux/namespaces
10 intermediate slot.close         #2                                                       ← /linux/namespaces
11 intermediate init.clone                                                                  ← /linux/namespaces
12 parent       child.adopt                                                                 ← /linux/namespaces
13 init         root.open          /                                                        ← /linux/namespaces
14 init         session.new                                                                 ← implied runtime.md#operations
15 init         keyring.join       _ses.box                                                 ← implied runtime.md#operations
16 init         stdio.owner        5                                                        ← /process/user/uid
17 init         cwd                /srv                                                     ← /process/cwd
18 init         caps.bounding      none                                                     ← /process/capabilities
19 init         user.groups                                                                 ← /process/user/additionalGids
20 init         user.set           5:6                                                      ← /process/user
21 init         umask              022                                                      ← /process/user/umask
22 init         exec.find          tool                                                     ← /process/args
23 init         fds.inherit        0-2 and 0 more                                           ← /process
24 init         caps.set           effective none                                           ← /process/capabilities
25 init         exec               tool -x                                                  ← /process/args
26 parent       child.wait_exec                                                             ← implied runtime.md#operations
27 parent       child.wait_exit                                                             ← implied runtime.md#operations
`,
    );
  });

  it("obeys the laws of order for every kind of process", () => {
    const process = { ...INPUT.process, rlimits: [{ type: "RLIMIT_CORE" as const, soft: 0, hard: 0 }], oomScoreAdj: 5 };
    const seccomp = compileSeccomp({ defaultAction: "SCMP_ACT_ALLOW" }, { native: "SCMP_ARCH_X86_64" });
    const notify = { ...seccomp, needsListener: true };
    const inputs: readonly Partial<ExecInput>[] = [
      { process },
      { process: { ...process, terminal: true } },
      { process: { ...process, terminal: true }, detach: true, consoleSocket: "/console" },
      { process: { ...process, noNewPrivileges: true }, seccomp },
      { process: { ...process, noNewPrivileges: true }, seccomp: notify },
      { process, seccomp: notify, pidFile: "/pid", pidfdSocket: "/pidfd" },
      { namespaces: [...ALL_TYPES, "user"] },
      { namespaces: ["user", "mount"], host: ROOTLESS_HOST, cgroup: { v1: {} } },
      { namespaces: [], config: { ...CONFIG, linux: {} } },
      { host: UNIFIED_HOST, cgroup: { v1: {}, v2: "/cg/box" } },
    ];
    for (const input of inputs) checkPlan(build(input));
  });

  it("is born in the v2 cgroup, and closes its directory before it can be seen", () => {
    const { steps } = build({ cgroup: { v1: {}, v2: "/cg/box" } });
    const [open] = of("cgroup.open", steps);
    assert.deepEqual([open?.path, of("child.clone", steps)[0]?.cgroup], ["/cg/box", open?.slot]);
    const intermediate = steps.filter(({ at }) => at === "intermediate").map(({ op }) => op);
    assert.deepEqual(intermediate[0], { op: "slot.close", slot: open?.slot });
    assert.deepEqual(of("cgroup.join", steps), []);
  });

  it("joins the user namespace last when privileged, and becomes its root", () => {
    const { steps } = build({ namespaces: ["mount", "user"] });
    assert.deepEqual(
      of("ns.join_process", steps).map(({ flags }) => flags),
      [NAMESPACES.mount.cloneFlag, NAMESPACES.user.cloneFlag],
    );
    assert.equal(of("ns.become_root", steps).length, 1);
  });

  it("joins the user namespace first when not privileged", () => {
    const { steps } = build({ namespaces: ["mount", "user"], host: ROOTLESS_HOST });
    assert.deepEqual(
      of("ns.join_process", steps).map(({ flags }) => flags),
      [NAMESPACES.user.cloneFlag, NAMESPACES.mount.cloneFlag],
    );
  });

  it("changes the root of a container without a mount namespace", () => {
    const config = { ...CONFIG, linux: { namespaces: [{ type: "pid" as const }] } };
    const { steps } = build({ config, namespaces: ["pid"] });
    assert.deepEqual(of("root.chroot", steps), [{ op: "root.chroot", path: "/bundle/rootfs" }]);
    assert.deepEqual(of("root.open", steps), []);
  });

  it("makes no working directory that is missing", () => {
    assert.deepEqual(of("cwd", build({}).steps), [{ op: "cwd", path: "/srv", create: 0 }]);
  });

  it("keeps the keyring of a caller whose container keeps it", () => {
    assert.deepEqual(of("keyring.join", build({ noNewKeyring: true }).steps), []);
  });

  it("runs on the initial processors before it joins the cgroups, and on the final ones after", () => {
    const process = { ...INPUT.process, execCPUAffinity: { initial: "0-2,9", final: "1" } };
    const { steps } = build({ process });
    const [initial, final] = steps.filter(({ op }) => op.op === "sched.affinity");
    assert.deepEqual(initial?.op, { op: "sched.affinity", cpus: "0702" });
    assert.deepEqual(final?.op, { op: "sched.affinity", cpus: "02" });
    const order = [initial, ...steps.filter(({ op }) => op.op === "cgroup.join"), final];
    assert.deepEqual(
      order.map((step) => step?.at),
      ["parent", "intermediate", "intermediate", "intermediate"],
    );
    const places = order.flatMap((step) => (step === undefined ? [] : [steps.indexOf(step)]));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  it("may run anywhere in the cgroups when only the initial processors are named", () => {
    const { steps } = build({ process: { ...INPUT.process, execCPUAffinity: { initial: "0" } } });
    assert.equal(of("sched.affinity", steps)[1]?.cpus, "");
  });

  it("says which flag a step comes from", () => {
    const flags = { "/process/cwd": "--cwd", "/process/user": "--user" };
    const { steps } = build({ flags });
    const origins = (["cwd", "user.set", "exec.find"] as const).map(
      (name) => steps.find(({ op }) => op.op === name)?.from,
    );
    assert.deepEqual(origins, [{ flag: "--cwd" }, { flag: "--user" }, { config: "/process/args" }]);
  });

  it("tells the seccomp agent the process and the container that runs", () => {
    const listener = { listenerPath: "/agent", listenerMetadata: "m" };
    const config: Config = {
      ...CONFIG,
      annotations: { a: "b" },
      linux: { ...CONFIG.linux, seccomp: { defaultAction: "SCMP_ACT_NOTIFY", ...listener } },
    };
    const seccomp = compileSeccomp({ defaultAction: "SCMP_ACT_NOTIFY" }, { native: "SCMP_ARCH_X86_64" });
    const [send] = of("seccomp.send", build({ config, seccomp }).steps);
    assert.equal(send?.path, "/agent");
    assert.deepEqual(JSON.parse(send?.aroundPids.join("77") ?? ""), {
      ociVersion: "1.3.0",
      fds: ["seccompFd"],
      pid: 77,
      metadata: "m",
      state: {
        ociVersion: "1.3.0",
        id: "box",
        status: "running",
        bundle: "/bundle",
        annotations: { a: "b" },
        pid: 4321,
      },
    });
  });

  it("refuses a profile of a security module that the host does not have", () => {
    const process = { ...INPUT.process, apparmorProfile: "strict" };
    assert.throws(() => build({ process }), ConfigError);
  });

  it("writes the pid and sends the pidfd once the command runs", () => {
    const { steps } = build({ pidFile: "/pid", pidfdSocket: "/pidfd", detach: true });
    const parent = steps.filter(({ at }) => at === "parent").map(({ op }) => op.op);
    assert.deepEqual(parent.slice(-3), ["child.wait_exec", "pidfd.send", "pidfile.write"]);
  });
});

function build(changes: Partial<ExecInput>) {
  return buildExecPlan({ ...INPUT, ...changes }).plan;
}

/** The steps of one kind, by what they do. */
function of<Name extends OpName>(name: Name, steps: readonly Step[]): readonly Extract<Op, { op: Name }>[] {
  return steps.flatMap(({ op }) => (op.op === name ? [op as Extract<Op, { op: Name }>] : [])); // just compared
}
