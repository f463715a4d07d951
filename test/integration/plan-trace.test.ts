import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import type { Stage, Step } from "../../src/plan/step.ts";
import { OPENING_CALLS, STATE_CHANGING_CALLS } from "../../src/plan/trace.ts";
import { BUNDLES_DIRECTORY, bundleNames } from "../../src/tools/bundle-plans.ts";
import { makeRootfs } from "../../src/tools/make-rootfs.ts";
import { containerTest } from "../helpers/container-test.ts";
import { type MadeProcess, matchProgram, matchTrace } from "../helpers/match-trace.ts";
import { type Need, needsNamespace, needsOurs, needsProgram } from "../helpers/needs.ts";
import { readTraces, straceArgv, type TracedCall } from "../helpers/strace.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const NEEDS: readonly Need[] = [needsOurs, needsProgram("strace"), needsNamespace("time")];

/** Steps that need not do anything: what they are for may be there already, or not be there at all. */
const MAY_BE_UNSEEN: readonly string[] = [
  "cgroup.inherit",
  "cgroup.kill",
  "cgroup.write",
  "child.wait_exit",
  "path.mask",
  "path.readonly",
  "stdio.owner",
];

describe("the plan is the truth", () => {
  for (const name of bundleNames()) {
    containerTest(
      `${name}: every call that changes something is a step's, in order, and every step is seen`,
      async (box) => {
        installBundle(box, name);
        const { problems, unseen } = compare(await readPlan(box), await traceRun(box));
        assert.deepEqual(problems, []);
        assert.deepEqual(
          unseen.filter((op) => !MAY_BE_UNSEEN.includes(op)),
          [],
        );
      },
      { needs: NEEDS },
    );
  }
});

/** Copies the bundle to the box, with a root filesystem, and with what it names on the host in the test's own form. */
function installBundle(box: TestBox, name: string): void {
  cpSync(join(BUNDLES_DIRECTORY, name), box.bundle, { recursive: true });
  makeRootfs(box.rootfs);
  const path = join(box.bundle, "config.json");
  const text = readFileSync(path, "utf8")
    .replaceAll(/"cgroupsPath": "[^"]*"/g, `"cgroupsPath": "/${box.id}"`)
    .replaceAll(/"\/run\/(net|ipc)ns\/example"/g, (_, type: string) => `"/proc/${process.pid}/ns/${type}"`);
  writeFileSync(path, text);
}

/** The steps as `plan` prints them. */
async function readPlan(box: TestBox): Promise<readonly Step[]> {
  const result = await box.runtime(["plan", "--verb", "run", "--format", "json", "--bundle", box.bundle, box.id]);
  assertSuccess(result);
  // Printed by src/plan/print.ts: a row is a step's number, process, operation with its arguments, and origin.
  const rows = JSON.parse(result.stdout).steps as readonly (Step["op"] & { readonly at: Stage })[];
  return rows.map(({ at, ...op }) => ({ at, op: op as Step["op"], from: { config: "" } }));
}

async function traceRun(box: TestBox): Promise<Traces> {
  const directory = box.path("trace");
  mkdirSync(directory);
  const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
  const result = await box.program(
    straceArgv(join(directory, "calls"), [...OPENING_CALLS, ...STATE_CHANGING_CALLS], argv),
  );
  assert.ok(result.status < 125, JSON.stringify(result));
  return readTraces(directory, "calls");
}

type Traces = ReadonlyMap<number, readonly TracedCall[]>;

/** What is wrong, and the steps that no trace shows: of the parent, and of every process that was made for the plan. */
function compare(
  steps: readonly Step[],
  traces: Traces,
): { readonly problems: readonly string[]; readonly unseen: readonly string[] } {
  const matched = [matchTrace(steps, "parent", callsOfInterpreter(traces), {})];
  const problems: string[] = [];
  for (const { made } of matched) {
    for (const process of made) {
      const stage = stageMadeBy(process);
      const calls = untilExec(traces.get(process.pid) ?? []);
      // The list grows while it is walked: what the intermediate makes is compared too.
      if (stage !== undefined) matched.push(matchTrace(steps, stage, calls, process.names));
      else problems.push(...[matchProgram(process, calls) ?? []].flat());
    }
  }
  problems.push(...matched.flatMap(({ problem }) => problem ?? []));
  return { problems, unseen: matched.flatMap(({ unseen }) => unseen.map(({ op }) => op.op)) };
}

function stageMadeBy({ by: { op } }: MadeProcess): Stage | undefined {
  if (op.op === "init.clone") return "init";
  if (op.op !== "child.clone") return undefined;
  return op.stage === "init" ? "init" : "intermediate";
}

/** The engine's process from the call on by which it becomes the interpreter. */
function callsOfInterpreter(traces: Traces): readonly TracedCall[] {
  for (const calls of traces.values()) {
    const start = calls.findIndex(({ name, text }) => name === "execveat" && text.includes('"mydocker-init"'));
    if (start !== -1) return calls.slice(start + 1);
  }
  return [];
}

/** Without what the container's command does by itself. */
function untilExec(calls: readonly TracedCall[]): readonly TracedCall[] {
  const end = calls.findIndex(({ name, result }) => name === "execve" && result === 0);
  return end === -1 ? calls : calls.slice(0, end + 1);
}
