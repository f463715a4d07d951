import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OP_TABLE, type Op, type OpName } from "../../../src/plan/op-table.ts";
import type { Stage, Step } from "../../../src/plan/step.ts";
import type { CallPattern, Expected } from "../../../src/plan/trace/patterns.ts";
import { expectedCalls, OPENING_CALLS, STATE_CHANGING_CALLS } from "../../../src/plan/trace.ts";
import { matchTrace } from "../../helpers/match-trace.ts";
import { parseTrace } from "../../helpers/strace.ts";

describe("expectedCalls", () => {
  for (const name of Object.keys(OP_TABLE) as OpName[]) {
    it(`describes ${name}, by calls that a trace shows`, () => {
      for (const { call } of flat(expectedCalls(stepOf(sampleOp(name))))) {
        assert.ok([...OPENING_CALLS, ...STATE_CHANGING_CALLS].includes(call), `${call} is not traced`);
      }
    });
  }
});

/** An operation with the least of everything. */
function sampleOp(name: OpName): Op {
  const least = { string: "", number: 1, list: [] };
  const args = Object.entries(OP_TABLE[name].args).map(([argument, kind]) => [argument, least[kind]]);
  return { op: name, ...Object.fromEntries(args) } as Op; // the table's own arguments of this name
}

function flat(expected: readonly Expected[]): readonly CallPattern[] {
  return expected.flatMap((item) => ("call" in item ? item : flat("maybe" in item ? item.maybe : item.anyOf)));
}

function stepOf(op: Op, at: Stage = "init"): Step {
  return { at, op, from: { config: "" } };
}

const STEPS: readonly Step[] = [
  stepOf({ op: "root.attach", path: "/b/rootfs", slot: 0, privateParent: 0 }),
  stepOf({ op: "uts.hostname", name: "box" }),
  stepOf({ op: "tree.open", slot: 4, path: "/b/data", recursive: 1 }),
  stepOf({
    op: "mount.attach",
    slot: 4,
    source: "/b/data",
    target: "/srv/data",
    attrSet: 1,
    attrClear: 0,
    recursiveSet: 0,
    recursiveClear: 0,
    propagation: [],
    flags: 0,
  }),
];

const TRACE: readonly string[] = [
  'open_tree(AT_FDCWD, "/b/rootfs", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE) = 5',
  'openat(AT_FDCWD, "/b/rootfs", O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY) = 6',
  'move_mount(5, "", 6, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH) = 0',
  'sethostname("box", 3)                   = 0',
  'open_tree(AT_FDCWD, "/b/data", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE) = 7',
  'mount_setattr(7, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32) = 0',
  'openat2(5, "/srv/data", {flags=O_RDONLY|O_CLOEXEC|O_PATH, resolve=RESOLVE_IN_ROOT}, 24) = -1 ENOENT (No such file or directory)',
  'openat2(5, "/srv", {flags=O_RDONLY|O_CLOEXEC|O_PATH, resolve=RESOLVE_IN_ROOT}, 24) = 8',
  'write(3, "{\\"undo\\":\\"rootfs.remove\\",\\"path\\":\\"/srv/data\\"}\\n", 44) = 44',
  'mkdirat(8, "data", 0755)                = 0',
  'openat2(5, "/srv/data", {flags=O_RDONLY|O_CLOEXEC|O_PATH, resolve=RESOLVE_IN_ROOT}, 24) = 9',
  'move_mount(7, "", 9, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH) = 0',
];

/** The trace with a line changed. */
function changed(line: number, from: string, to: string): readonly string[] {
  return TRACE.with(line, (TRACE[line] ?? "").replace(from, to));
}

const BROKEN: readonly { readonly what: string; readonly lines: readonly string[]; readonly says: RegExp }[] = [
  {
    what: "a call that no step makes",
    lines: TRACE.toSpliced(4, 0, "setresuid(0, 0, 0)                      = 0"),
    says: /^step 3 \(init tree\.open\): expected .*open_tree.*, and the trace goes on with setresuid\(0, 0, 0\)/,
  },
  {
    what: "a call after the last step",
    lines: [...TRACE, 'unlinkat(AT_FDCWD, "/etc/shadow", 0) = 0'],
    says: /^no step of init makes this call: unlinkat/,
  },
  {
    what: "a file that is opened to be written",
    lines: TRACE.toSpliced(3, 0, 'openat(AT_FDCWD, "/proc/sysrq-trigger", O_WRONLY) = 10'),
    says: /^step 2 \(init uts\.hostname\): .*goes on with openat\(AT_FDCWD, "\/proc\/sysrq-trigger", O_WRONLY\)/,
  },
  {
    what: "a step that is not carried out",
    lines: TRACE.toSpliced(3, 1),
    says: /^step 2 \(init uts\.hostname\): expected .*sethostname/,
  },
  {
    what: "steps in another order",
    lines: [...TRACE.slice(3, 4), ...TRACE.slice(0, 3), ...TRACE.slice(4)],
    says: /^step 1 \(init root\.attach\): expected .*, and the trace goes on with sethostname/,
  },
  {
    what: "another argument",
    lines: TRACE.with(3, 'sethostname("host", 4)                  = 0'),
    says: /^step 2 \(init uts\.hostname\): expected .*"box".*, and the trace goes on with sethostname\("host", 4\)/,
  },
  {
    what: "a flag more",
    lines: changed(5, "MOUNT_ATTR_RDONLY", "MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOEXEC"),
    says: /^step 4 \(init mount\.attach\): expected .*MOUNT_ATTR_RDONLY/,
  },
  {
    what: "a target outside of the container's root",
    lines: TRACE.with(10, 'openat(AT_FDCWD, "/srv/data", O_RDONLY|O_PATH) = 9'),
    says: /^step 4 \(init mount\.attach\): expected .*openat2/,
  },
  {
    what: "another descriptor than the slot's",
    lines: changed(11, "move_mount(7", "move_mount(5"),
    says: /^step 4 \(init mount\.attach\): expected .*slot 4.*, and the trace goes on with move_mount\(5/,
  },
];

describe("matchTrace", () => {
  const names = { journal: "3" };

  it("takes what is planned, also calls that fail or change nothing between them", () => {
    const lines = [...TRACE.slice(0, 3), 'openat(AT_FDCWD, "/etc/hostname", O_RDONLY) = 10', ...TRACE.slice(3)];
    const { problem, unseen } = matchTrace(STEPS, "init", parseTrace(lines.join("\n")), names);
    assert.equal(problem, undefined);
    assert.deepEqual(unseen, []);
  });

  for (const { what, lines, says } of BROKEN) {
    it(`finds ${what}`, () => {
      const { problem } = matchTrace(STEPS, "init", parseTrace(lines.join("\n")), names);
      assert.match(problem ?? "no problem", says);
    });
  }
});
