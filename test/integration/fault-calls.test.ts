import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import type { OpName } from "../../src/plan/op-table.ts";
import { OPENING_CALLS, STATE_CHANGING_CALLS } from "../../src/plan/trace.ts";
import { containerTest } from "../helpers/container-test.ts";
import { type Interpreted, interpret } from "../helpers/interpret.ts";
import { Leftovers, undoFailure } from "../helpers/leftovers.ts";
import { needsCgroupV1, needsNamespace, needsOurs, needsProgram } from "../helpers/needs.ts";
import { makeRich } from "../helpers/rich-bundle.ts";
import { readTraces, straceArgv, type TracedCall } from "../helpers/strace.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const NEEDS = [needsOurs, needsProgram("strace"), needsCgroupV1("memory"), needsNamespace("time")];

const BUNDLES: Readonly<Record<string, (box: TestBox) => void>> = {
  "the default bundle": (box) => box.setCommands(["exit", "0"]),
  "a bundle with everything": makeRich,
};

/** What a process asks without changing anything: that can fail as well. */
const ASKING_CALLS = ["read", "statx", "fstatfs", "faccessat", "readlinkat", "mmap", "socketpair", "pipe2"];
const CALLS = [
  ...OPENING_CALLS,
  ...STATE_CHANGING_CALLS,
  ...ASKING_CALLS,
  "signalfd4",
  "flock",
  "getcwd",
  "getdents64",
];

/** Without these a container would be less closed than its config says. */
const NEVER_IGNORED = [
  ...["capset", "prctl", "setresuid", "setresgid", "setgroups", "seccomp", "close_range", "setns", "unshare"],
  ...[
    "clone",
    "clone3",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "pivot_root",
    "umount2",
    "keyctl",
    "setsid",
    "prlimit64",
  ],
];

describe("a system call that fails", () => {
  forEachBundle("leaves nothing", async (box, leftovers) => {
    const problems: string[] = [];
    for (const fault of await faultsOf(box, leftovers)) {
      const result = await inject(box, fault, "error=EIO");
      if (result.status === undefined) problems.push(`${nameOf(fault)}: the interpreter hangs`);
      if (result.record !== undefined || result.status !== 0) problems.push(...undoFailure(box));
      if (result.record === undefined && NEVER_IGNORED.includes(fault.call))
        problems.push(`${nameOf(fault)} is ignored`);
      // A container that has come to its end leaves its mount points, as without the fault.
      if (hasEnded(result)) leftovers.removeFiles();
      problems.push(...leftovers.check(nameOf(fault)));
    }
    return problems;
  });
});

describe("a process that is killed in a system call", () => {
  forEachBundle("leaves what delete --force removes", async (box, leftovers) => {
    const problems: string[] = [];
    for (const fault of await faultsOf(box, leftovers)) {
      await inject(box, fault, "signal=SIGKILL");
      assertSuccess(await box.runtime(["delete", "--force", box.id]));
      leftovers.removeFiles();
      problems.push(...leftovers.check(nameOf(fault)));
    }
    return problems;
  });
});

function forEachBundle(
  what: string,
  findProblems: (box: TestBox, leftovers: Leftovers) => Promise<readonly string[]>,
): void {
  for (const [bundle, prepare] of Object.entries(BUNDLES)) {
    containerTest(
      `${what}, for ${bundle}`,
      async (box) => {
        prepare(box);
        box.writeConfig();
        const leftovers = new Leftovers(box);
        const problems = await findProblems(box, leftovers);
        assert.deepEqual([...problems, ...leftovers.check("the last fault", true)], []);
      },
      { needs: NEEDS },
    );
  }
}

/** What is done when the container's command has ended: a failure is a warning then. */
const AFTER_END: readonly OpName[] = ["lock.take", "cgroup.kill", "cgroup.rmdir", "state.remove"];

function hasEnded({ record }: Interpreted): boolean {
  if (record?.op?.op === "hook.run") return record.op.kind === "poststop";
  return record === undefined || AFTER_END.includes(record.opName);
}

/** The nth call of this name in a process: the interpreter's own and its children's are counted apart. */
interface Fault {
  readonly call: string;
  readonly nth: number;
}

function nameOf({ call, nth }: Fault): string {
  return `${call} number ${nth}`;
}

/** The calls of a run in which nothing fails: of each name the first ones, one in the middle and the last. */
async function faultsOf(box: TestBox, leftovers: Leftovers): Promise<readonly Fault[]> {
  const directory = box.path("trace");
  mkdirSync(directory);
  const [strace = "", ...options] = straceArgv(join(directory, "calls"), CALLS, []);
  const { status } = await interpret(box, { verb: "run", wrapper: [strace, ...options] });
  assert.equal(status, 0);
  leftovers.removeFiles();
  const counts = countCalls([...readTraces(directory, "calls").values()].map(ownCalls));
  return [...counts].flatMap(([call, count]) => {
    const chosen = new Set([1, 2, Math.ceil(count / 2), count - 1, count].filter((nth) => nth >= 1 && nth <= count));
    return [...chosen].map((nth) => ({ call, nth }));
  });
}

/** What a process does until it becomes another program: the calls behind that are the command's own. */
function ownCalls(calls: readonly TracedCall[]): readonly TracedCall[] {
  const end = calls.findIndex(({ name, result }, index) => index > 0 && name === "execve" && result === 0);
  return end === -1 ? calls : calls.slice(0, end + 1);
}

/** How often each call is made by the process that makes it most. */
function countCalls(processes: readonly (readonly TracedCall[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const calls of processes) {
    for (const name of new Set(calls.map((call) => call.name))) {
      const count = calls.filter((call) => call.name === name).length;
      counts.set(name, Math.max(count, counts.get(name) ?? 0));
    }
  }
  return counts;
}

function inject(box: TestBox, { call, nth }: Fault, what: string): Promise<Interpreted> {
  const options = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:${what}:when=${nth}`];
  return interpret(box, { verb: "run", wrapper: ["strace", ...options] });
}
