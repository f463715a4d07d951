import assert from "node:assert/strict";
import { describe } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { FailureRecord } from "../../src/apply/failure-record.ts";
import { StepError } from "../../src/apply/step-error.ts";
import type { Op } from "../../src/plan/op-table.ts";
import type { Plan, Stage, Step } from "../../src/plan/step.ts";
import { containerTest } from "../helpers/container-test.ts";
import { type InterpretOptions, interpret } from "../helpers/interpret.ts";
import { Leftovers, undoFailure } from "../helpers/leftovers.ts";
import { needsCgroupV1, needsNamespace, needsOurs } from "../helpers/needs.ts";
import { makeRich } from "../helpers/rich-bundle.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

type Verb = InterpretOptions["verb"];

const BUNDLES: Readonly<Record<string, (box: TestBox) => void>> = {
  "the default bundle": (box) => box.setCommands(["exit", "0"]),
  "a bundle with everything": makeRich,
};

const NEEDS = [needsOurs, needsCgroupV1("memory"), needsNamespace("time")];

/** One mistake shows in every later step. */
const MAX_SHOWN = 10;

const FROM = { config: "" } as const;

/** What a process does instead of a step: it cannot but fail. */
const FAILING: Readonly<Record<Stage, Op>> = {
  parent: { op: "cgroup.open", slot: 120, path: "/does/not/exist" },
  intermediate: { op: "ns.join", slot: 121, flag: 0, path: "/does/not/exist" },
  init: { op: "ns.join", slot: 121, flag: 0, path: "/does/not/exist" },
};

/** A filter of one instruction, SECCOMP_RET_KILL_PROCESS: the process ends by SIGSYS with its next call. */
const DEATH: readonly Step[] = [
  { at: "init", from: FROM, op: { op: "no_new_privs" } },
  { at: "init", from: FROM, op: { op: "seccomp.load", flags: 0, program: "0600000000000080", listener: 0 } },
];

/** A program that the interpreter runs ends the interpreter. */
const KILL_PARENT = running("parent", "/bin/sh", "-c", "kill -9 $PPID");

/** Something that takes longer than `delete --force`: of the host's until the root changes, then of the container's. */
const SLOW_MS = 200;
const SLOW_OUTSIDE = running("init", "/bin/sleep", `${SLOW_MS / 1000}`);
const SLOW_INSIDE = running("init", "/probe", "sleep", `${SLOW_MS}`);

/** Longer than what the init does before it fails. */
const PARENT_AWAY = running("parent", "/bin/sleep", `${(3 * SLOW_MS) / 1000}`);

function running(at: Stage, path: string, ...args: readonly string[]): Step {
  const program = { path, args: [path, ...args], env: [], timeoutMs: 0, stateBeforePid: "", stateAfterPid: "" };
  const flags = { mustSucceed: 1, home: 0, inheritsEnv: 0, atRoot: 0 };
  return { at, from: FROM, op: { op: "hook.run", kind: "prestart", ...program, ...flags } };
}

forEachPlan("a step that fails leaves nothing", async ({ box, verb, leftovers }, { steps }) => {
  const problems: string[] = [];
  for (const [number, step] of steps.entries()) {
    if (isBeyond(steps, number, verb)) continue;
    const { record } = await interpret(box, {
      verb,
      edit: ({ id }) => ({ id, verb, steps: steps.with(number, { ...step, op: FAILING[step.at] }) }),
    });
    const name = nameOf(step, number);
    if (record?.step !== number) problems.push(`${name} is not what failed: ${whatFailed(record)}`);
    problems.push(...undoFailure(box), ...leftovers.check(name));
  }
  return [...problems, ...leftovers.check("the last step", true)];
});

forEachPlan("an init that dies leaves nothing", async ({ box, verb, leftovers }, plan) => {
  const problems: string[] = [];
  for (const [number, step] of plan.steps.entries()) {
    if (step.at !== "init" || isBeyond(plan.steps, number, verb)) continue;
    const { record } = await interpret(box, {
      verb,
      edit: () => ({ ...plan, steps: plan.steps.toSpliced(number, 0, ...DEATH) }),
    });
    const name = nameOf(step, number);
    if (record === undefined) problems.push(`${name}: the death is not told`);
    problems.push(...undoFailure(box), ...leftovers.check(name));
  }
  return [...problems, ...leftovers.check("the last step", true)];
});

forEachPlan("a runtime that is killed leaves what delete --force removes", async ({ box, verb, leftovers }, plan) => {
  const problems: string[] = [];
  const created = plan.steps.findIndex(({ op }) => op.op === "state.write");
  let current = leftovers;
  for (const [number, step] of plan.steps.entries()) {
    if (step.at !== "parent" || isBeyond(plan.steps, number, verb)) continue;
    const steps = plan.steps.toSpliced(number, 0, KILL_PARENT);
    const { status } = await interpret(box, { verb, edit: () => ({ ...plan, steps }) });
    const name = nameOf(step, number);
    if (status !== undefined) problems.push(`${name}: the interpreter ended with ${status}`);
    assertSuccess(await box.runtime(["delete", "--force", box.id]));
    // A container that was created keeps what it has in its root filesystem, as when it is deleted in time.
    if (current === leftovers && number > created) current = new Leftovers(box);
    problems.push(...current.check(name));
  }
  return [...problems, ...current.check("the last step", true)];
});

forEachPlan(
  "an init that outlives the runtime does not outlive delete --force",
  async ({ box, verb, leftovers }, plan) => {
    const problems: string[] = [];
    const cloned = plan.steps.findIndex(({ op }) => op.op === "child.clone") + 1;
    for (const [number, step] of plan.steps.entries()) {
      if (step.at !== "init" || step.op.op === plan.steps[number - 1]?.op.op) continue;
      const steps = plan.steps.toSpliced(number, 0, SLOW_OUTSIDE).toSpliced(cloned, 0, KILL_PARENT);
      await interpret(box, { verb, edit: () => ({ ...plan, steps }) });
      assertSuccess(await box.runtime(["delete", "--force", box.id]));
      const name = nameOf(step, number);
      problems.push(...leftovers.check(name));
      // From here on there is no shell at this path.
      if (step.op.op === "root.pivot") break;
    }
    await delay(2 * SLOW_MS);
    return [...problems, ...leftovers.check("the last step", true)];
  },
);

forEachPlan(
  "a failure is told although the init has not read what it was sent",
  async ({ box, verb, leftovers }, plan) => {
    const wait = plan.steps.findIndex(({ at, op }) => at === "init" && op.op === "sync.wait");
    const announcement = plan.steps.slice(0, wait).findLastIndex(({ op }) => op.op === "sync.post");
    // The parent has announced it, looks away, and finds the socket closed when it comes back.
    const hasPivoted = plan.steps.findIndex(({ op }) => op.op === "root.pivot") < wait;
    const init = [hasPivoted ? SLOW_INSIDE : SLOW_OUTSIDE, { at: "init", from: FROM, op: FAILING.init } as const];
    const steps = plan.steps.toSpliced(wait, 0, ...init).toSpliced(announcement + 1, 0, PARENT_AWAY);
    const { record } = await interpret(box, { verb, edit: () => ({ ...plan, steps }) });
    const problems = record?.opName === "ns.join" ? [] : [`the parent says: ${whatFailed(record)}`];
    return [...problems, ...undoFailure(box), ...leftovers.check("it", true)];
  },
);

interface Trial {
  readonly box: TestBox;
  readonly verb: Verb;
  readonly leftovers: Leftovers;
}

function forEachPlan(what: string, findProblems: (trial: Trial, plan: Plan) => Promise<readonly string[]>): void {
  describe(what, () => {
    for (const [bundle, prepare] of Object.entries(BUNDLES)) {
      for (const verb of ["create", "run"] as const) {
        containerTest(
          `${verb} of ${bundle}`,
          async (box) => {
            prepare(box);
            box.writeConfig();
            const leftovers = new Leftovers(box);
            const problems = await findProblems({ box, verb, leftovers }, await planOf(box, verb));
            assert.deepEqual(problems.slice(0, MAX_SHOWN), []);
          },
          { needs: NEEDS },
        );
      }
    }
  });
}

/** The plan that the interpreter would be given. */
async function planOf(box: TestBox, verb: Verb): Promise<Plan> {
  let found: Plan | undefined;
  const edit = (plan: Plan): Plan => {
    found = plan;
    return { ...plan, steps: [{ at: "parent", from: FROM, op: FAILING.parent }] };
  };
  await interpret(box, { verb, edit });
  undoFailure(box);
  assert.ok(found !== undefined);
  return found;
}

/**
 * What the init does when the container is created is no longer a part of `create`, and what follows the removal of the
 * state no longer a part of the container.
 */
function isBeyond(steps: readonly Step[], number: number, verb: Verb): boolean {
  if (verb === "run") return number > steps.findIndex(({ op }) => op.op === "state.remove");
  const created = steps.findIndex(({ op }) => op.op === "sync.post" && op.barrier === "go");
  return number > created && steps[number]?.at === "init";
}

function nameOf({ at, op }: Step, number: number): string {
  return `step ${number + 1} (${at} ${op.op})`;
}

function whatFailed(record: FailureRecord | undefined): string {
  return record === undefined ? "nothing" : `step ${record.step + 1}, ${new StepError(record).message}`;
}
