import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RuntimeError } from "../../../src/base/errors.ts";
import { checkPlan } from "../../../src/plan/check.ts";
import type { Op, OpName } from "../../../src/plan/op-table.ts";
import type { Plan, Stage, Step } from "../../../src/plan/step.ts";
import { bundlePlans, compileBundle } from "../../../src/tools/bundle-plans.ts";

type Edit = (steps: readonly Step[]) => readonly Step[];

interface Case {
  readonly what: string;
  readonly bundle: string;
  readonly edit: Edit;
  readonly says: RegExp;
}

const FROM = { config: "/test" } as const;

/** A plan of a bundle, edited so that it breaks one law. */
const CASES: readonly Case[] = [
  {
    what: "an id taken before the mappings are written",
    bundle: "user-namespace",
    edit: moveBefore("ns.become_root", "sync.wait"),
    says: /\(init ns\.become_root ".*"\) must come after step 38 \(parent idmap\.write ".*"\), because an id that is not mapped/,
  },
  {
    what: "a user namespace without mappings",
    bundle: "user-namespace",
    edit: without("idmap.write"),
    says: /step \d+ \(parent child\.clone "init .*CLONE_NEWUSER.*"\) makes a user namespace, and no step writes/,
  },
  {
    what: "a hook of the runtime's after the root has changed",
    bundle: "hooks",
    edit: moveBefore("root.pivot", "sync.post", ({ barrier }) => barrier === "environment"),
    says: /\(init root\.pivot\) must come after step \d+ \(parent hook\.run "prestart \/bin\/true"\), because these hooks are/,
  },
  {
    what: "a createContainer hook after the root has changed",
    bundle: "hooks",
    edit: moveBefore("root.pivot", "hook.run", ({ kind }) => kind === "createContainer"),
    says: /\(init root\.pivot\) must come after step \d+ \(init hook\.run "createContainer .*"\), because these hooks are/,
  },
  {
    what: "a poststart hook before the command has started",
    bundle: "hooks",
    edit: moveBefore("hook.run", "child.wait_exec", undefined, ({ kind }) => kind === "poststart"),
    says: /\(parent hook\.run "poststart \/bin\/sh"\) must come after step \d+ \(parent child\.wait_exec\)/,
  },
  {
    what: "the bounding set dropped after the user has changed",
    bundle: "no-new-privileges",
    edit: moveBefore("user.set", "caps.bounding"),
    says: /\(init user\.set "1000:1000"\) must come after step \d+ \(init caps\.bounding ".*"\), because it needs a capability/,
  },
  {
    what: "capabilities set before the user changes",
    bundle: "no-new-privileges",
    edit: moveBefore("caps.set", "user.set"),
    says: /\(init caps\.set ".*"\) must come after step \d+ \(init user\.set "1000:1000"\), because a change of the user id/,
  },
  {
    what: "capabilities that are not set at all",
    bundle: "no-new-privileges",
    edit: without("caps.set"),
    says: /\(init exec "id"\) needs caps\.set before it, because the command has no other capabilities than these/,
  },
  {
    what: "an unprivileged filter without no_new_privs",
    bundle: "seccomp",
    edit: without("no_new_privs"),
    says: /\(init seccomp\.load ".*"\) must come before caps\.set, or after no_new_privs/,
  },
  {
    what: "a mount under the container's own filter",
    bundle: "seccomp",
    edit: moveBefore("seccomp.load", "mount.fs"),
    says: /\(init mount\.fs "proc → \/proc"\) comes after seccomp\.load, and the filter may forbid it/,
  },
  {
    what: "a mount before the propagation is set",
    bundle: "hello",
    edit: moveBefore("root.attach", "mount.propagation"),
    says: /\(init root\.attach ".*"\) must come after step \d+ \(init mount\.propagation "\/ rslave"\)/,
  },
  {
    what: "mounts without any propagation",
    bundle: "hello",
    edit: without("mount.propagation"),
    says: /\(init root\.attach ".*"\) needs mount\.propagation before it, because a mount would appear on the host/,
  },
  {
    what: "a barrier that nobody announces",
    bundle: "hello",
    edit: without("sync.post", ({ barrier }) => barrier === "go"),
    says: /\(init sync\.wait "go"\) waits for what never comes/,
  },
  {
    what: "a barrier that nobody waits for",
    bundle: "hello",
    edit: without("sync.wait", ({ barrier }) => barrier === "go"),
    says: /\(parent sync\.post "go"\) announces what nobody waits for/,
  },
  {
    what: "both sides waiting for each other",
    bundle: "hello",
    edit: moveBefore("sync.wait", "sync.post", isBarrier("ready"), isBarrier("go")),
    says: /\(init sync\.wait "go"\) waits for what never comes/,
  },
  {
    what: "barriers in another order at the other side",
    bundle: "hooks",
    edit: moveBefore("sync.post", "sync.post", isBarrier("environment"), isBarrier("ready")),
    says: /\(parent sync\.wait "environment"\) gets "Bready" of step \d+ and waits for "Benvironment"/,
  },
  {
    what: "a barrier announced by the wrong side",
    bundle: "hello",
    edit: insertBefore("exec", "init", { op: "sync.post", barrier: "go" }),
    says: /\(init sync\.post "go"\) is no announcement of this side's/,
  },
  {
    what: "a step of the init before it is made",
    bundle: "hello",
    edit: moveBefore("session.new", "child.clone"),
    says: /\(init session\.new\) comes before its process is made/,
  },
  {
    what: "a step of the intermediate after it has ended",
    bundle: "shared-namespaces",
    edit: moveBefore("init.clone", "ns.join"),
    says: /\(intermediate .*\) comes after the end of its process/,
  },
  {
    what: "a process that nobody makes",
    bundle: "hello",
    edit: (steps) => without("child.clone")(without("cgroup.join")(steps)),
    says: /\(init .*\) has no process/,
  },
  {
    what: "a process that is made twice",
    bundle: "hello",
    edit: insertBefore("sync.wait", "parent", { op: "child.clone", flags: 0, stage: "init", cgroup: 0 }),
    says: /\(parent child\.clone "init"\) makes a process that is there already/,
  },
  {
    what: "a slot that is used before it is opened",
    bundle: "bind-mounts",
    edit: moveBefore("mount.attach", "tree.open"),
    says: /\(init mount\.attach ".*"\) uses slot 9, which is not open/,
  },
  {
    what: "a slot that is opened after the clone",
    bundle: "id-mapped-mounts",
    edit: moveBefore("child.clone", "tree.open"),
    says: /\(init mount\.attach ".*"\) uses slot 9, which is not open/,
  },
  {
    what: "a slot that is used after it is closed",
    bundle: "bind-mounts",
    edit: insertBefore("mount.attach", "init", { op: "slot.close", slot: 9 }),
    says: /\(init mount\.attach ".*"\) uses slot 9, which is not open/,
  },
  {
    what: "a slot that is opened twice",
    bundle: "bind-mounts",
    edit: insertBefore("mount.attach", "init", { op: "tree.open", slot: 9, path: "/", recursive: 0 }),
    says: /\(init tree\.open "#9 \/"\) opens slot 9, which is open/,
  },
  {
    what: "a slot that the static program does not have",
    bundle: "bind-mounts",
    edit: insertBefore("mount.attach", "init", { op: "tree.open", slot: 100_000, path: "/", recursive: 0 }),
    says: /\(init tree\.open "#100000 \/"\) has a slot beyond 2 to \d+/,
  },
  {
    what: "a step of a process that cannot do it",
    bundle: "hello",
    edit: insertBefore("exec", "init", { op: "cgroup.rmdir", path: "/sys/fs/cgroup/x" }),
    says: /\(init cgroup\.rmdir "\/sys\/fs\/cgroup\/x"\) cannot be done by the init process/,
  },
  {
    what: "a step after the command",
    bundle: "hello",
    edit: insertBefore("child.wait_exec", "init", { op: "umask", mask: 0 }),
    says: /\(init umask "00"\) comes after the end of its process/,
  },
  {
    what: "a change of the host that is not in the journal",
    bundle: "hello",
    edit: without("journal.open"),
    says: /\(parent cgroup\.mkdir ".*"\) needs journal\.open before it, because what is done to the host is in the journal/,
  },
  {
    what: "a command that runs before the state is written",
    bundle: "hello",
    edit: moveBefore("sync.post", "state.write", undefined, isBarrier("go")),
    says: /must come after step \d+ \(parent state\.write ".*"\), because who learns of the container finds its state/,
  },
  {
    what: "a cgroup removed while its processes may live",
    bundle: "hello",
    edit: moveBefore("cgroup.rmdir", "child.wait_exit"),
    says: /\(parent cgroup\.rmdir ".*"\) must come after step \d+ \(parent child\.wait_exit\)/,
  },
  {
    what: "descriptors of the host left open",
    bundle: "hello",
    edit: without("fds.inherit"),
    says: /\(init exec ".*"\) needs fds\.inherit before it, because no descriptor of the host's may be left open/,
  },
  {
    what: "a cgroup namespace that is made outside of the container's cgroups",
    bundle: "cgroup-namespace",
    edit: moveBefore("ns.unshare", "cgroup.join"),
    says: /\(init ns\.unshare "CLONE_NEWCGROUP"\) must come after step \d+ \(init cgroup\.join ".*"\)/,
  },
  {
    what: "clock offsets after the namespace has a process",
    bundle: "time-offsets",
    edit: without("ns.unshare"),
    says: /\(intermediate time\.offsets ".*"\) needs ns\.unshare time before it, because offsets are of a new clock/,
  },
];

describe("checkPlan", () => {
  for (const { what, bundle, edit, says } of CASES) {
    it(`refuses ${what}`, () => {
      const plan = planOf(bundle);
      checkPlan(plan);
      assert.throws(
        () => checkPlan({ ...plan, steps: edit(plan.steps) }),
        (error) => {
          assert.ok(error instanceof RuntimeError);
          assert.equal(error.code, "ERR_INTERNAL");
          assert.match(error.message.replace(/^Cannot carry out the plan: /, ""), says);
          return true;
        },
      );
    });
  }

  it("allows a plan of its own without any process", () => {
    checkPlan({ verb: "exec", id: "x", steps: [] });
  });
});

function planOf(bundle: string): Plan {
  const [wanted] = bundlePlans(bundle);
  assert.ok(wanted !== undefined);
  return compileBundle(bundle, wanted);
}

type Pick = (op: Readonly<Record<string, unknown>>) => boolean;

function find(steps: readonly Step[], name: OpName, pick: Pick = () => true): number {
  const index = steps.findIndex(({ op }) => op.op === name && pick({ ...op }));
  assert.notEqual(index, -1, `a step ${name} to edit`);
  return index;
}

function isBarrier(name: string): Pick {
  return ({ barrier }) => barrier === name;
}

/** Moves the first step of the one name to right before the first of the other. */
function moveBefore(name: OpName, before: OpName, pickBefore?: Pick, pick?: Pick): Edit {
  return (steps) => {
    const from = find(steps, name, pick ?? (name === before ? pickBefore : undefined));
    const step = steps[from];
    assert.ok(step !== undefined);
    const rest = steps.toSpliced(from, 1);
    return rest.toSpliced(find(rest, before, pickBefore), 0, step);
  };
}

function without(name: OpName, pick?: Pick): Edit {
  return (steps) => {
    find(steps, name, pick);
    return steps.filter(({ op }) => op.op !== name || !(pick ?? (() => true))({ ...op }));
  };
}

function insertBefore(name: OpName, at: Stage, op: Op): Edit {
  return (steps) => steps.toSpliced(find(steps, name), 0, { at, from: FROM, op });
}
