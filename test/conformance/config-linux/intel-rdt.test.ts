import assert from "node:assert/strict";
import type { Config, IntelRdt } from "../../../src/config/types.gen.ts";
import { checkConfig } from "../../../src/config/validate-config.ts";
import { buildPlan } from "../../../src/plan/build.ts";
import type { RdtFacts } from "../../../src/plan/host-facts.ts";
import type { Step } from "../../../src/plan/step.ts";
import { V1_HOST } from "../../unit/cgroup/hosts.ts";
import { assertRefused, plannedRequirement, requirement } from "../requirement.ts";

const AT = "config-linux.md#intelrdt";

/** Where resctrl would be mounted; hardly any machine that tests run on has it. */
const ROOT = "/sys/fs/resctrl";
const ID = "web";

const HOST = {
  uid: 0,
  gid: 0,
  isPrivileged: true,
  isInitialUserNamespace: true,
  capabilities: 0x1ffffffffffn,
  cgroup: V1_HOST,
} as const;

const BASE: Config = {
  ociVersion: "1.3.0",
  root: { path: "rootfs" },
  process: { cwd: "/", args: ["sh"], user: { uid: 0, gid: 0 } },
  linux: { namespaces: [{ type: "mount" }] },
};

/** The steps about resctrl of a plan that creates or runs a container. */
function stepsFor(
  intelRdt: IntelRdt | undefined,
  schemata?: string,
  verb: "create" | "run" = "create",
): readonly Step["op"][] {
  const config: Config = { ...BASE, linux: { ...BASE.linux, ...(intelRdt !== undefined && { intelRdt }) } };
  assert.deepEqual(checkConfig(config).errors, []);
  const rdt: RdtFacts = { root: ROOT, ...(schemata !== undefined && { schemata }) };
  const { plan } = buildPlan({
    verb,
    id: ID,
    config,
    host: { ...HOST, rdt },
    bundle: "/b",
    rootfs: "/b/rootfs",
    stateDirectory: `/run/${ID}`,
    renderState: () => ({ beforePid: "", betweenPidAndStart: "", afterStart: "" }),
    detach: false,
    keep: false,
    noPivot: false,
    noNewKeyring: false,
    preserveFds: 0,
  });
  return plan.steps.flatMap(({ op }) => ("path" in op && String(op.path).startsWith(ROOT) ? [op] : []));
}

/** The paths below the root of resctrl that steps of one kind are about. */
function pathsOf(steps: readonly Step["op"][], op: string): readonly string[] {
  return steps.flatMap((step) => (step.op === op && "path" in step ? [String(step.path).slice(ROOT.length + 1)] : []));
}

/** What is written to a schemata file, line by line. */
function linesOf(steps: readonly Step["op"][], file: string): readonly string[] {
  return steps.flatMap((step) =>
    step.op === "cgroup.write" && step.path === `${ROOT}/${file}` ? step.value.trim().split("\n") : [],
  );
}

function codesOf(intelRdt: IntelRdt): readonly string[] {
  return checkConfig({ ...BASE, linux: { intelRdt } }).errors.map(({ pointer }) => pointer);
}

/** The undo of the steps that make a directory: "rmdir" for what goes with the container, "rdt.rmdir" for what stays. */
function undoesOf(steps: readonly Step["op"][]): readonly string[] {
  return steps.flatMap((step) => (step.op === "cgroup.mkdir" ? [JSON.parse(step.undo).undo] : []));
}

plannedRequirement(
  AT,
  { id: "MD-CL-59", says: "the process is in the tasks file of the directory that closID names" },
  () => assert.deepEqual(pathsOf(stepsFor({ closID: "gold" }, "L3:0=ff\n"), "cgroup.join"), ["gold/tasks"]),
);

requirement(AT, { id: "MD-CL-60", says: "intelRdt without a mounted resctrl is an error" }, async (box) => {
  box.config.linux.intelRdt = { closID: "gold", l3CacheSchema: "L3:0=f" };
  await assertRefused(box);
});

plannedRequirement(AT, { id: "MD-CL-61", level: "MUST NOT", says: "without intelRdt no resctrl is touched" }, () =>
  assert.deepEqual(stepsFor(undefined), []),
);

plannedRequirement(AT, { id: "MD-CL-62", says: 'closID "/" is the default class', since: "1.3" }, () => {
  const steps = stepsFor({ closID: "/" }, "L3:0=ff\n");
  assert.deepEqual([pathsOf(steps, "cgroup.join"), pathsOf(steps, "cgroup.mkdir")], [["tasks"], []]);
});

plannedRequirement(AT, { id: "MD-CL-63", says: 'memBwSchema begins with "MB:"' }, () =>
  assert.deepEqual(codesOf({ memBwSchema: "L3:0=f" }), ["/linux/intelRdt/memBwSchema"]),
);

plannedRequirement(AT, { id: "MD-CL-64", level: "MUST NOT", says: "memBwSchema has no newline" }, () =>
  assert.deepEqual(codesOf({ memBwSchema: "MB:0=20\nL3:0=f" }), ["/linux/intelRdt/memBwSchema"]),
);

plannedRequirement(
  AT,
  { id: "MD-CL-65", level: "MUST NOT", says: "an entry of schemata has no newline", since: "1.3" },
  () => assert.deepEqual(codesOf({ schemata: ["L3:0=f\nMB:0=20"] }), ["/linux/intelRdt/schemata/0"]),
);

plannedRequirement(
  AT,
  { id: "MD-CL-66", says: "l3CacheSchema and memBwSchema are both written to schemata, in this order" },
  () => {
    const steps = stepsFor({ memBwSchema: "MB:0=20", l3CacheSchema: "L3:0=f" });
    assert.deepEqual(linesOf(steps, `${ID}/schemata`), ["L3:0=f", "MB:0=20"]);
  },
);

plannedRequirement(AT, { id: "MD-CL-67", says: "one of l3CacheSchema and memBwSchema alone is written" }, () => {
  assert.deepEqual(linesOf(stepsFor({ l3CacheSchema: "L3:0=f" }), `${ID}/schemata`), ["L3:0=f"]);
  assert.deepEqual(linesOf(stepsFor({ memBwSchema: "MB:0=20" }), `${ID}/schemata`), ["MB:0=20"]);
});

plannedRequirement(AT, { id: "MD-CL-68", says: "schemata is written, after the other two", since: "1.3" }, () => {
  const steps = stepsFor({ schemata: ["L2:0=3"], memBwSchema: "MB:0=20", l3CacheSchema: "L3:0=f" });
  assert.deepEqual(linesOf(steps, `${ID}/schemata`), ["L3:0=f", "MB:0=20", "L2:0=3"]);
});

plannedRequirement(
  AT,
  { id: "MD-CL-69", level: "MUST NOT", says: "without any schema no schemata file is written" },
  () => {
    for (const intelRdt of [{}, { enableMonitoring: true }]) {
      assert.deepEqual(pathsOf(stepsFor(intelRdt), "cgroup.write"), []);
    }
  },
);

plannedRequirement(
  AT,
  { id: "MD-CL-70", says: "without closID the directory is made and has the container's id" },
  () => assert.deepEqual(pathsOf(stepsFor({ l3CacheSchema: "L3:0=f" }), "cgroup.mkdir"), [ID]),
);

plannedRequirement(
  AT,
  { id: "MD-CL-71", says: "with closID and a schema the directory is made where it is missing" },
  () => assert.deepEqual(pathsOf(stepsFor({ closID: "gold", schemata: ["L3:0=f"] }), "cgroup.mkdir"), ["gold"]),
);

plannedRequirement(
  AT,
  { id: "MD-CL-72", says: "with closID and a schema that the directory does not have it is an error" },
  () => {
    const existing = "    L3:0=00f;1=fff\n    MB:0=100\n";
    assert.throws(() => stepsFor({ closID: "gold", l3CacheSchema: "L3:0=ff" }, existing), { name: "ConfigError" });
    assert.throws(() => stepsFor({ closID: "gold", memBwSchema: "MB:0=20" }, existing), { name: "ConfigError" });
    const steps = stepsFor({ closID: "gold", l3CacheSchema: "L3:0=f", memBwSchema: "MB:0=100" }, existing);
    assert.deepEqual(pathsOf(steps, "cgroup.write"), []);
  },
);

plannedRequirement(
  AT,
  [
    { id: "MD-CL-73", says: "with closID and no schema it is looked for the directory" },
    { id: "MD-CL-74", says: "which the container is assigned to, or it is an error where there is none" },
  ],
  () => {
    assert.deepEqual(pathsOf(stepsFor({ closID: "gold" }, "L3:0=ff\n"), "cgroup.join"), ["gold/tasks"]);
    assert.throws(() => stepsFor({ closID: "gold" }), { name: "ConfigError" });
  },
);

plannedRequirement(
  AT,
  { id: "MD-CL-75", says: "a directory that was made for a container without closID is removed with it" },
  () => {
    assert.deepEqual(undoesOf(stepsFor({ l3CacheSchema: "L3:0=f" })), ["rmdir"]);
    assert.deepEqual(pathsOf(stepsFor({ l3CacheSchema: "L3:0=f" }, undefined, "run"), "cgroup.rmdir"), [ID]);
  },
);

plannedRequirement(
  AT,
  { id: "MD-CL-76", level: "MUST NOT", says: "a directory of a given closID is not removed with the container" },
  () => {
    const intelRdt = { closID: "gold", l3CacheSchema: "L3:0=f" };
    assert.deepEqual(undoesOf(stepsFor(intelRdt)), ["rdt.rmdir"]);
    assert.deepEqual(pathsOf(stepsFor(intelRdt, undefined, "run"), "cgroup.rmdir"), []);
    assert.deepEqual(pathsOf(stepsFor(intelRdt, "L3:0=f\n", "run"), "cgroup.rmdir"), []);
  },
);

plannedRequirement(
  AT,
  [
    { id: "MD-CL-77", says: "enableMonitoring makes a monitoring group for the container", since: "1.3" },
    { id: "MD-CL-78", says: "which has the container's id, below the container's class", since: "1.3" },
    { id: "MD-CL-79", says: "which is deleted after the container", since: "1.3" },
  ],
  () => {
    const steps = stepsFor({ closID: "gold", enableMonitoring: true }, "L3:0=ff\n", "run");
    const group = `gold/mon_groups/${ID}`;
    assert.ok(pathsOf(steps, "cgroup.mkdir").includes(group));
    assert.deepEqual(pathsOf(steps, "cgroup.join"), [`${group}/tasks`]);
    assert.ok(pathsOf(steps, "cgroup.rmdir").includes(group));
    assert.deepEqual(undoesOf(steps), ["rdt.rmdir", "rmdir"]);
  },
);

plannedRequirement(
  AT,
  { id: "MD-CL-80", says: "a monitoring group that cannot be made is an error", since: "1.3" },
  () => {
    // To make it is a step of the plan like all others: what fails is an error, and is undone.
    const steps = stepsFor({ enableMonitoring: true });
    assert.deepEqual(pathsOf(steps, "cgroup.mkdir"), [ID, `${ID}/mon_groups/${ID}`]);
    assert.deepEqual(undoesOf(steps), ["rmdir", "rmdir"]);
  },
);
