import assert from "node:assert/strict";
import { constants } from "node:os";
import { describe, it } from "node:test";
import type { FailureRecord } from "../../../src/apply/failure-record.ts";
import { StepError } from "../../../src/apply/step-error.ts";
import { OP_TABLE, type Op, type OpName } from "../../../src/plan/op-table.ts";

/** By the names and numbers of this machine, apart from the project's own table. */
const { errno: ERRNO } = constants;

/** The record of a step that failed; `errno` by its name. */
function failure(op: Op, errno: keyof typeof ERRNO, parts: Partial<FailureRecord> = {}): StepError {
  const record = {
    step: 0,
    call: "",
    detail: "",
    note: "",
    stage: "init",
    origin: "/mounts/0",
    opName: op.op,
    op,
  } as const;
  return new StepError({ ...record, errno: ERRNO[errno], ...parts });
}

const FIND: Op = { op: "exec.find", command: "nginx", path: "/bin", effective: 0 };
const EXEC: Op = { op: "exec", args: ["/srv/app", "-v"], env: [] };
const HOOK: Op = {
  op: "hook.run",
  kind: "createRuntime",
  path: "/usr/bin/hook",
  args: [],
  env: [],
  timeoutMs: 0,
  stateBeforePid: "",
  stateAfterPid: "",
  mustSucceed: 1,
  home: 0,
  inheritsEnv: 0,
  atRoot: 0,
};
const PROC: Op = {
  op: "mount.fs",
  type: "proc",
  source: "proc",
  target: "/proc",
  data: [],
  attr: 0,
  propagation: [],
  flags: 0,
};

interface Case {
  readonly what: string;
  readonly error: StepError;
  readonly message: string;
}

const CASES: readonly Case[] = [
  {
    what: "a command that is in no directory of PATH",
    error: failure(FIND, "ENOENT", { call: "PATH", detail: "nginx" }),
    message: 'exec: "nginx": executable file not found in $PATH, which is "/bin"',
  },
  {
    what: "a command that is found and may not be executed",
    error: failure(FIND, "EACCES", { call: "PATH", detail: "nginx" }),
    message: 'exec: "nginx": permission denied',
  },
  {
    what: "a command by its path that does not exist",
    error: failure({ ...FIND, command: "/srv/app" }, "ENOENT", { call: "stat", detail: "/srv/app" }),
    message: 'exec: "/srv/app": stat /srv/app: no such file or directory',
  },
  {
    what: "a command that is a directory",
    error: failure({ ...FIND, command: "/srv" }, "EISDIR", { call: "stat", detail: "/srv" }),
    message: 'exec: "/srv": stat /srv: is a directory: permission denied',
  },
  {
    what: "a command for another machine",
    error: failure(EXEC, "ENOEXEC", { call: "execve", detail: "/srv/app" }),
    message: 'exec: "/srv/app": exec /srv/app: exec format error',
  },
  {
    what: "a command that the kernel refuses for another reason",
    error: failure(EXEC, "ENOMEM", { call: "execve", detail: "/srv/app" }),
    message: 'exec: "/srv/app": exec /srv/app: cannot allocate memory (ENOMEM)',
  },
  {
    what: "a command whose announcement fails",
    error: failure(EXEC, "EPIPE", { call: "write" }),
    message: "Cannot execute the command: broken pipe (EPIPE from write)",
  },
  {
    what: "a file that is missing, not in the words of a missing command",
    error: failure({ op: "cgroup.open", slot: 2, path: "/sys/fs/cgroup/x" }, "ENOENT", {
      call: "open",
      detail: "/sys/fs/cgroup/x",
    }),
    message: 'Cannot open the cgroup "/sys/fs/cgroup/x": it does not exist (ENOENT from open)',
  },
  {
    what: "an agent of seccomp that is not there, in the words that are looked for",
    error: failure({ op: "seccomp.send", path: "/run/agent", aroundPids: [] }, "ENOENT", { call: "connect" }),
    message:
      'Cannot send the seccomp listener to "/run/agent": failed to connect with seccomp agent: it does not exist (ENOENT from connect)',
  },
  {
    what: "a file that may not be opened, not in the words of a command that may not be executed",
    error: failure({ op: "tree.open", slot: 2, path: "/srv", recursive: 0 }, "EACCES", {
      call: "open_tree",
      detail: "/srv",
    }),
    message: 'Cannot open the mount source "/srv": access is denied (EACCES from open_tree)',
  },
  {
    what: "a call that was about something else than the step names",
    error: failure(PROC, "EINVAL", { call: "fsconfig", detail: "hidepid=9" }),
    message: 'Cannot mount "proc" at "/proc": invalid argument (EINVAL from fsconfig of "hidepid=9")',
  },
  {
    what: "what the kernel says of a mount",
    error: failure(PROC, "EINVAL", { call: "fsconfig", detail: "/proc", note: "e proc: bad\ne value" }),
    message:
      'Cannot mount "proc" at "/proc": invalid argument (EINVAL from fsconfig); the kernel says: e proc: bad, e value',
  },
  {
    what: "a hook that a filter of system calls has killed",
    error: failure(HOOK, "ECANCELED", { call: "program", note: "signal 31", origin: "/hooks/createRuntime/2" }),
    message: 'error running createRuntime hook #2: "/usr/bin/hook" ended with signal 31 (bad system call)',
  },
  {
    what: "a hook that ends with a status",
    error: failure(HOOK, "ECANCELED", { call: "program", note: "exit status 3: no", origin: "/hooks/createRuntime/2" }),
    message: 'error running createRuntime hook #2: "/usr/bin/hook" ended with exit status 3: no',
  },
  {
    what: "a hook that does not exist",
    error: failure(HOOK, "ENOENT", { call: "open", detail: "/usr/bin/hook", origin: "/hooks/createRuntime/2" }),
    message: 'Cannot run the createRuntime hook "/usr/bin/hook": it does not exist (ENOENT from open)',
  },
  {
    what: "an init that was killed",
    error: failure({ op: "sync.wait", barrier: "ready" }, "EPIPE", {
      call: "recvmsg",
      detail: "ready",
      note: "signal 9",
      stage: "parent",
    }),
    message:
      'Cannot wait for "ready": the container\'s init was ended by signal 9 while it was set up (is the memory limit too low?)',
  },
  {
    what: "an init that died of something else",
    error: failure({ op: "sync.wait", barrier: "ready" }, "EPIPE", {
      call: "recvmsg",
      detail: "ready",
      note: "signal 31",
      stage: "parent",
    }),
    message: 'Cannot wait for "ready": the container\'s init was ended by signal 31 while it was set up',
  },
  {
    what: "an errno that Linux does not have",
    error: new StepError({ ...failure(PROC, "EINVAL").record, errno: 4321, call: "fsopen" }),
    message: 'Cannot mount "proc" at "/proc": unknown error 4321 (errno 4321 from fsopen)',
  },
];

describe("StepError", () => {
  for (const { what, error, message } of CASES) {
    it(`tells ${what}`, () => {
      assert.equal(error.message, message);
      assert.equal(error.code, "ERR_STEP");
    });
  }

  it("names the place in the config, or the flag, that the step comes from", () => {
    assert.equal(failure(PROC, "EPERM", { origin: "/mounts/3" }).details.pointer, "/mounts/3");
    assert.equal(failure(PROC, "EPERM", { origin: "--no-pivot" }).details.flag, "--no-pivot");
    const implied = failure(PROC, "EPERM", { origin: "implied config-linux.md#default-devices" }).details;
    assert.deepEqual([implied.pointer, implied.flag], [undefined, undefined]);
  });

  const commands: readonly OpName[] = ["exec.find", "exec"];
  for (const name of (Object.keys(OP_TABLE) as OpName[]).filter((each) => !commands.includes(each))) {
    it(`keeps the words of a missing command for commands: ${name}`, () => {
      const { op: _op, ...record } = failure(PROC, "ENOENT", { opName: name, call: "open", detail: "/x" }).record;
      for (const errno of [ERRNO.ENOENT, ERRNO.EACCES]) {
        const { message } = new StepError({ ...record, errno });
        assert.match(message, /^Cannot [a-z]/);
        assert.doesNotMatch(message, /no such file or directory|permission denied|executable file not found|[{}]/i);
      }
    });
  }
});
