import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTrace, type TracedCall } from "../../helpers/strace.ts";

const CASES: readonly { readonly line: string; readonly call: Partial<TracedCall> }[] = [
  { line: "setsid()                                = 4", call: { name: "setsid", args: [], result: 4 } },
  { line: "exit_group(0)                           = ?", call: { name: "exit_group", args: ["0"], result: undefined } },
  {
    line: 'openat(AT_FDCWD</srv>, "/a, (b)", O_WRONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)',
    call: { args: ["AT_FDCWD", "/a, (b)", "O_WRONLY|O_CLOEXEC"], result: undefined },
  },
  {
    line: 'write(3, "a\\"b\\\\\\n\\0\\303\\251", 7)          = 7',
    call: { args: ["3", 'a"b\\\n\0\u00c3\u00a9', "7"], result: 7 },
  },
  {
    line: 'execve("/bin/echo", ["echo", "a, b"], 0x7ffd /* 2 vars */) = 0',
    call: { args: ["/bin/echo", '["echo","a, b"]', "0x7ffd /* 2 vars */"] },
  },
  {
    line: "clone3({flags=CLONE_PIDFD|CLONE_NEWNS, exit_signal=SIGCHLD} => {pidfd=[18]}, 88) = 2 /* 901 in strace's PID NS */",
    call: { fields: { flags: "CLONE_PIDFD|CLONE_NEWNS", exit_signal: "SIGCHLD" }, result: 901 },
  },
  {
    line: "prlimit64(7, RLIMIT_STACK, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}, NULL) = 0",
    call: { fields: { rlim_cur: "8388608", rlim_max: "RLIM64_INFINITY" } },
  },
  {
    line: 'mount_setattr(5, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */}, 32) = 0',
    call: {
      args: ["5", "", "AT_EMPTY_PATH", "{attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */}", "32"],
    },
  },
  {
    line: 'bind(9, {sa_family=AF_UNIX, sun_path="/run/a b/start.sock"}, 40) = 0',
    call: { fields: { sa_family: "AF_UNIX", sun_path: "/run/a b/start.sock" } },
  },
];

describe("parseTrace", () => {
  for (const { line, call } of CASES) {
    it(`reads ${line.slice(0, line.indexOf("("))}: ${Object.keys(call).join(", ")}`, () => {
      const [found, ...others] = parseTrace(`${line}\n`);
      assert.ok(found !== undefined);
      assert.deepEqual(others, []);
      for (const [member, value] of Object.entries(call)) assert.deepEqual(found[member as keyof TracedCall], value);
    });
  }

  it("skips what is no call", () => {
    assert.deepEqual(parseTrace("+++ exited with 0 +++\n--- SIGCHLD ---\n"), []);
  });
});
