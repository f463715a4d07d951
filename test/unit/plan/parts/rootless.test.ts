import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { ConfigError, formatProblem, type Problem } from "../../../../src/base/problem.ts";
import { defaultConfig } from "../../../../src/config/default-config.ts";
import type { Config } from "../../../../src/config/types.gen.ts";
import { buildPlan } from "../../../../src/plan/build.ts";
import { checkPlan } from "../../../../src/plan/check.ts";
import { showOp } from "../../../../src/plan/describe.ts";
import type { HostFacts, RootlessFacts } from "../../../../src/plan/host-facts.ts";
import type { Linux } from "../../../../src/plan/plan-input.ts";
import { ROOTLESS_HOST, UNIFIED_HOST, V1_HOST } from "../../../../src/tools/fixed-hosts.ts";

const RANGES = [
  { owner: "ann", first: 100_000, count: 65_536 },
  { owner: "1000", first: 165_536, count: 10 },
  { owner: "bob", first: 300_000, count: 65_536 },
] as const;

const ROOTLESS: RootlessFacts = {
  user: "ann",
  uid: { program: "/opt/bin/newuidmap", ranges: RANGES },
  gid: { program: "/opt/bin/newgidmap", ranges: RANGES },
  sysctls: { "user.max_user_namespaces": "1000" },
};

/** An ordinary user who may make cgroups, and what decides on its ids. */
const USER: HostFacts = { ...ROOTLESS_HOST, rootless: ROOTLESS };

/** Root of the namespace that such a user makes with `unshare --map-root-user`. */
const INSIDE: HostFacts = {
  ...UNIFIED_HOST,
  isInitialUserNamespace: false,
  outer: { uids: [{ first: 0, count: 1 }], gids: [{ first: 0, count: 1 }], deniesSetgroups: true },
  rootless: ROOTLESS,
};

/** What `spec --rootless` writes for that user, with changes of `linux`. */
function rootlessConfig(linux: Partial<Linux> = {}): Config {
  const config = defaultConfig({ rootless: true, uid: 1000, gid: 1000, cgroupNamespace: true });
  return { ...config, linux: { ...config.linux, ...linux } };
}

function build(config: Config, host: HostFacts, rootless?: boolean) {
  const directories = { bundle: "/b", rootfs: "/b/rootfs", stateDirectory: "/s/c" };
  const flags = { detach: true, keep: false, noPivot: false, noNewKeyring: false, preserveFds: 0 };
  const renderState = () => ({ beforePid: "", betweenPidAndStart: "", afterStart: "" });
  const built = buildPlan({
    ...{ verb: "run", id: "c", config, host, renderState },
    ...directories,
    ...flags,
    ...(rootless !== undefined && { rootless }),
  });
  checkPlan(built.plan);
  return built;
}

/** What the plan was refused for; nothing for one that was made. */
function refusals(config: Config, host: HostFacts): readonly string[] {
  try {
    build(config, host);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.filter(({ severity }) => severity === "error").map(formatProblem);
  }
}

function stepsOf(config: Config, host: HostFacts): readonly string[] {
  return build(config, host).plan.steps.map(({ at, op }) => `${at} ${op.op} ${showOp(op)}`.trim());
}

const map = (containerID: number, hostID: number, size: number) => ({ containerID, hostID, size });
const OWN = map(0, 1000, 1);

test("rootlessProblems finds nothing in what spec --rootless writes", () => {
  assert.deepEqual(refusals(rootlessConfig(), USER), []);
});

test("rootlessProblems asks for a user namespace, which only root can do without", () => {
  const config = rootlessConfig({ namespaces: [{ type: "mount" }], uidMappings: [], gidMappings: [] });
  const [refusal = ""] = refusals(config, USER);
  assert.match(refusal, /^\/linux\/namespaces: has no user namespace/);
  assert.match(
    refusal,
    /add \{"type": "user"\}, with "uidMappings": \[\{"containerID": 0, "hostID": 1000, "size": 1\}\]/,
  );
  assert.deepEqual(refusals(config, V1_HOST), []);
});

describe("idProblems", () => {
  const cases: Readonly<Record<string, readonly [Partial<Linux>, RegExp | undefined]>> = {
    "allows the own ids": [{}, undefined],
    "allows what /etc/subuid and /etc/subgid give": [
      { uidMappings: [OWN, map(1, 100_000, 65_536)], gidMappings: [OWN, map(1, 100_000, 65_536)] },
      undefined,
    ],
    "joins lines that adjoin, by name and by number": [
      { uidMappings: [map(0, 100_500, 65_046)], gidMappings: [OWN] },
      undefined,
    ],
    "proposes the user's own range": [
      { uidMappings: [map(0, 200_000, 1000)] },
      /^\/linux\/uidMappings\/0: .* maps the host's user ids 200000-200999, and \/etc\/subuid does not give them to "ann", but 100000-165535, 165536-165545 .*fix: take "hostID" from 100000-165535$/,
    ],
    "gives the very line where no range of the user's is enough": [
      { gidMappings: [OWN, map(1, 400_000, 100_000)] },
      /^\/linux\/gidMappings\/1: .*group ids 400000-499999.*fix: add the line "ann:400000:100000" to \/etc\/subgid$/,
    ],
    "proposes no line with ids of another user": [
      { uidMappings: [map(0, 300_000, 100_000)] },
      /fix: add the line "ann:365536:100000" to \/etc\/subuid, and write "hostID": 365536$/,
    ],
    "proposes no line with ids of accounts": [
      { uidMappings: [map(0, 0, 100_000)] },
      /fix: add the line "ann:365536:100000" to \/etc\/subuid, and write "hostID": 365536$/,
    ],
  };
  for (const [what, [linux, expected]] of Object.entries(cases)) {
    it(what, () => {
      const found = refusals(rootlessConfig(linux), USER);
      if (expected === undefined) assert.deepEqual(found, []);
      else assert.match(found.join("\n"), expected);
    });
  }

  it("names the package where newuidmap is missing, and what goes without it", () => {
    const host = { ...USER, rootless: { ...ROOTLESS, uid: { ranges: RANGES } } };
    const [refusal = ""] = refusals(rootlessConfig({ uidMappings: [map(0, 100_000, 1)] }), host);
    assert.match(refusal, /^\/linux\/uidMappings: .*needs the program newuidmap, which is not in \$PATH/);
    assert.match(refusal, /apt-get install uidmap.*"hostID": 1000, "size": 1/);
  });

  it("leaves the decision to newuidmap where a directory service gives the ids", () => {
    const { program } = ROOTLESS.uid;
    const host = { ...USER, rootless: { ...ROOTLESS, uid: { ...(program !== undefined && { program }) } } };
    assert.deepEqual(refusals(rootlessConfig({ uidMappings: [map(0, 700_000, 1)] }), host), []);
  });

  it("names the ids of the caller's own namespace to its root", () => {
    assert.deepEqual(
      refusals(rootlessConfig({ uidMappings: [map(0, 0, 1)], gidMappings: [map(0, 0, 1)] }), INSIDE),
      [],
    );
    const [refusal = ""] = refusals(rootlessConfig({ gidMappings: [map(0, 0, 1)] }), INSIDE);
    assert.match(
      refusal,
      /\/linux\/uidMappings\/0: .* maps the user ids 1000, and the caller's own user namespace has 0 /,
    );
  });

  it("has no say for root of the host", () => {
    assert.deepEqual(refusals(rootlessConfig({ uidMappings: [map(0, 5, 7)] }), UNIFIED_HOST), []);
  });
});

test("sysctlProblems names the kernel parameter that forbids user namespaces", () => {
  const at = (sysctls: Readonly<Record<string, string>>, host = USER): readonly string[] =>
    refusals(rootlessConfig(), { ...host, rootless: { ...ROOTLESS, sysctls } });
  assert.match(
    at({ "user.max_user_namespaces": "0" }).join(),
    /fix: as root: sysctl -w user\.max_user_namespaces=15000/,
  );
  assert.match(at({ "kernel.unprivileged_userns_clone": "0" }).join(), /sysctl -w kernel\.unprivileged_userns_clone=1/);
  const apparmor = { "kernel.apparmor_restrict_unprivileged_userns": "1" };
  assert.deepEqual(at(apparmor), []);
  const { warnings } = build(rootlessConfig(), { ...USER, rootless: { ...ROOTLESS, sysctls: apparmor } });
  assert.match(
    formatted(warnings),
    /may leave user namespaces without any power.*apparmor_restrict_unprivileged_userns=0/,
  );
});

describe("mountProblems", () => {
  const mounted = (mount: NonNullable<Config["mounts"]>[number], host = USER): string => {
    const config = rootlessConfig();
    return refusals({ ...config, mounts: [...(config.mounts ?? []), mount] }, host).join("\n");
  };

  it("refuses sysfs without a network namespace of the container's own, and shows what to bind", () => {
    const sysfs = { destination: "/sys2", type: "sysfs", source: "sysfs" };
    assert.match(
      mounted(sysfs),
      /\/mounts\/7\/type: "sysfs" shows the network namespace, which is not the container's own/,
    );
    assert.match(
      mounted(sysfs),
      /"destination": "\/sys2", "type": "none", "source": "\/sys", "options": \["rbind", "ro"\]/,
    );
    assert.equal(mounted({ ...sysfs, type: "none", source: "/sys", options: ["rbind"] }), "");
    assert.equal(mounted({ ...sysfs, source: "/sys", options: ["rbind"] }), "");
  });

  it("refuses an id that is not mapped, by the option's place", () => {
    const devpts = { destination: "/dev/pts", type: "devpts", options: ["newinstance", "gid=5"] };
    assert.match(
      mounted(devpts),
      /\/mounts\/7\/options\/1: "gid=5" names an id that \/linux\/gidMappings does not map/,
    );
    assert.equal(mounted({ ...devpts, options: ["newinstance", "gid=0"] }), "");
  });

  it("refuses id-mapped mounts to a caller without privileges", () => {
    const mapped = { destination: "/data", source: "/data", options: ["rbind", "idmap"] };
    assert.match(mounted(mapped), /\/mounts\/7: asks for mapped ids/);
    const config = rootlessConfig();
    assert.deepEqual(refusals({ ...config, mounts: [mapped] }, UNIFIED_HOST), []);
  });
});

describe("additional groups", () => {
  const withGroups = (linux: Partial<Linux>): Config => {
    const config = rootlessConfig(linux);
    const { process = { cwd: "/" } } = config;
    return { ...config, process: { ...process, user: { uid: 0, gid: 0, additionalGids: [0] } } };
  };
  const subordinate = { gidMappings: [OWN, map(1, 100_000, 10)] };

  it("cannot be set where only an own group is mapped", () => {
    assert.match(refusals(withGroups({}), USER).join(), /\/process\/user\/additionalGids: \[0\] cannot be set/);
    assert.ok(!stepsOf(rootlessConfig(), USER).some((step) => step.includes("user.groups")));
  });

  it("are set, if only to none, where newgidmap has mapped a range", () => {
    assert.deepEqual(refusals(withGroups(subordinate), USER), []);
    assert.ok(stepsOf(rootlessConfig(subordinate), USER).includes("init user.groups"));
  });

  it("are let be where an annotation asks for the caller's own", () => {
    const kept = { ...withGroups({}), annotations: { "run.oci.keep_original_groups": "1" } };
    assert.deepEqual(refusals(kept, USER), []);
    assert.ok(!stepsOf(kept, USER).some((step) => step.includes("user.groups")));
    const not = { ...withGroups(subordinate), annotations: { "run.oci.keep_original_groups": "0" } };
    assert.ok(stepsOf(not, USER).some((step) => step.includes("user.groups")));
  });

  it("cannot be set inside a user namespace that denies it", () => {
    const own = { uidMappings: [map(0, 0, 1)], gidMappings: [map(0, 0, 1)] };
    assert.match(refusals(withGroups(own), INSIDE).join(), /additionalGids/);
    assert.ok(!stepsOf(rootlessConfig(own), INSIDE).some((step) => step.includes("user.groups")));
  });
});

test("netDeviceProblems refuses devices of a network namespace that is root's", () => {
  const config = rootlessConfig({ netDevices: { eth0: {} } });
  assert.match(refusals(config, USER).join(), /\/linux\/netDevices\/eth0: cannot be moved/);
});

test("buildPlan maps with the helpers that are in PATH", () => {
  const mappings = { uidMappings: [OWN, map(1, 100_000, 5)], gidMappings: [OWN] };
  const steps = stepsOf(rootlessConfig(mappings), USER);
  assert.ok(steps.includes("parent idmap.helper /opt/bin/newuidmap 0 1000 1 1 100000 5"), steps.join("\n"));
  assert.ok(steps.includes("parent idmap.helper /opt/bin/newgidmap 0 1000 1"));
});

test("buildPlan joins cgroups and sets oom_score_adj before an ordinary user's process changes its ids", () => {
  const cgroup = { v1: V1_HOST.cgroup.v1.map((hierarchy) => ({ ...hierarchy, ownPath: "/ann" })) };
  const config = rootlessConfig({ uidMappings: [map(0, 100_000, 5)], gidMappings: [map(0, 100_000, 5)] });
  const process = { ...config.process, cwd: "/", oomScoreAdj: 100 };
  for (const type of ["ipc", "time"] as const) {
    const namespaces = [...(config.linux?.namespaces ?? []), { type }];
    const changed = { ...config, process, linux: { ...config.linux, namespaces } };
    const steps = stepsOf(changed, { ...USER, cgroup });
    const mapped = steps.findIndex((step) => step.includes("idmap.helper"));
    for (const early of ["oom.score_adj", "cgroup.join"]) {
      const last = steps.findLastIndex((step) => step.includes(early));
      assert.ok(last !== -1 && last < mapped, `${early} at ${last}, the mappings at ${mapped}`);
    }
  }
});

describe("cgroups of an ordinary user", () => {
  const closed: HostFacts = {
    ...USER,
    cgroup: { v1: [], ...(ROOTLESS_HOST.cgroup.v2 && { v2: { ...ROOTLESS_HOST.cgroup.v2, writable: false } }) },
  };

  it("are left out with one warning where it may make none", () => {
    const { plan, warnings } = build(rootlessConfig(), closed);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["CGROUP_NONE"],
    );
    assert.ok(!plan.steps.some(({ op }) => op.op.startsWith("cgroup.")));
  });

  it("are made where they are delegated", () => {
    const { plan, warnings } = build(rootlessConfig(), USER);
    assert.deepEqual(warnings, []);
    assert.ok(plan.steps.some(({ op }) => op.op === "cgroup.mkdir"));
  });

  it("are missed where the config sets a limit", () => {
    const found = refusals(rootlessConfig({ resources: { pids: { limit: 20 } } }), closed);
    assert.match(found.join(), /^\/linux\/resources\/pids\/limit: needs the cgroup controller pids/);
  });

  it("are left out for root too where --rootless says so", () => {
    assert.ok(closed.cgroup.v2);
    const host = { ...UNIFIED_HOST, cgroup: closed.cgroup };
    const { warnings } = build(rootlessConfig(), host, true);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["CGROUP_NONE"],
    );
  });

  it("are seen as the host's where there is no cgroup namespace either", () => {
    const config = rootlessConfig();
    const namespaces = config.linux?.namespaces?.filter(({ type }) => type !== "cgroup") ?? [];
    const steps = stepsOf({ ...config, linux: { ...config.linux, namespaces } }, closed);
    assert.ok(
      steps.some((step) => /^init mount\.attach \/sys\/fs\/cgroup → \/sys\/fs\/cgroup /.test(step)),
      steps.join("\n"),
    );
  });
});

function formatted(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join("\n");
}
