import assert from "node:assert/strict";
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { cgroupV1Directory, needsCgroupV1, needsOurs, needsUserNamespaces } from "../helpers/needs.ts";
import { type ProbeCommand, parseReports, probeArgs, type ReportsOf, succeeded } from "../helpers/probe.ts";
import { bitsOf, parseProcStatus } from "../helpers/proc-status.ts";
import type { ProgramOptions, ProgramResult, RunningProgram } from "../helpers/run-program.ts";
import { Terminal } from "../helpers/terminal.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

containerTest("exec is in the namespaces and cgroups of the container", async (box) => {
  const output = await box.started(["namespaces"], ["cat", "/proc/self/cgroup"], ["sleep", "60000"]);
  await output.waitForOutput(/\n.*\n/);
  const own = box.reports(output.stdout, ["namespaces"], ["cat", "/proc/self/cgroup"]);
  assert.deepEqual(await look(box, [], ["namespaces"], ["cat", "/proc/self/cgroup"]), own);
});

containerTest("exec sees the container's files and processes", async (box) => {
  await running(box);
  const [root, init, ids] = await look(box, [], ["ls", "/"], ["cat", "/proc/1/comm"], ["ids"]);
  assert.ok(succeeded(root).includes("probe"));
  assert.equal(init, "probe\n");
  assert.ok(ids.pid > 1);
});

containerTest("exec connects the standard streams", async (box) => {
  await running(box);
  const commands = [
    ["cat", "-"],
    ["print", "to stdout\n"],
    ["complain", "to stderr\n"],
  ] as const;
  const result = await exec(box, [], commands, { stdin: "from stdin" });
  assert.deepEqual(result, { status: 0, stdout: '"from stdin"\nto stdout\n', stderr: "to stderr\n" });
});

for (const status of [0, 1, 126, 127, 255]) {
  containerTest(`exec exits with the status ${status} of the program`, async (box) => {
    await running(box);
    assert.deepEqual(await exec(box, [], [["exit", String(status)]]), { status, stdout: "", stderr: "" });
  });
}

for (const signal of [6, 9, 15]) {
  containerTest(`exec exits with ${128 + signal} when signal ${signal} ends the program`, async (box) => {
    await running(box);
    assert.equal((await exec(box, [], [["raise", String(signal)]])).status, 128 + signal);
  });
}

containerTest("exec hands the words behind the id on as they are", async (box) => {
  await running(box);
  const words = ["", "a b", "-d", "--cwd", "/tmp", "--", "line\nbreak", "'\"$HOME\\"];
  const result = await box.runtime(["exec", box.id, "/probe", "args", ...words]);
  // The probe takes "--" as the end of a command.
  assert.deepEqual(parseReports(result.stdout)[0], words.slice(0, 5));
});

containerTest(
  "exec takes a -- between the id and the command",
  async (box) => {
    await running(box);
    const result = await box.runtime(["exec", box.id, "--", "/probe", "args", "found"]);
    assert.deepEqual(parseReports(result.stdout), [["found"]]);
  },
  { peerDeviations: { runc: "1.1 takes it for the command", crun: "takes it for the command" } },
);

containerTest(
  "exec runs as the container's own process does",
  async (box) => {
    Object.assign(box.config.process, {
      user: { uid: 1000, gid: 1001, additionalGids: [7, 1002], umask: 0o027 },
      cwd: "/tmp",
      env: ["PATH=/", "COLOR=blue"],
      rlimits: [{ type: "RLIMIT_NOFILE", soft: 321, hard: 654 }],
      oomScoreAdj: 123,
    });
    await running(box);
    const [ids, status, cwd, env, rlimits, score] = await look(
      box,
      [],
      ["ids"],
      ["cat", "/proc/self/status"],
      ["cwd"],
      ["env"],
      ["rlimits"],
      ["cat", "/proc/self/oom_score_adj"],
    );
    const { pid: _pid, ppid: _ppid, sid: _sid, pgid: _pgid, ...rest } = ids;
    assert.deepEqual(rest, { uid: 1000, gid: 1001, euid: 1000, egid: 1001, umask: 0o027 });
    assert.deepEqual(parseProcStatus(succeeded(status)).Groups?.split(" "), ["7", "1002"]);
    assert.equal(cwd, "/tmp");
    assert.deepEqual([...env].sort(), ["COLOR=blue", "HOME=/", "PATH=/"]);
    assert.deepEqual(rlimits.RLIMIT_NOFILE, [321, 654]);
    assert.equal(score, "123\n");
  },
  { peerDeviations: { runc: "1.1 has its own umask", crun: "1.8.1 has its own umask" } },
);

containerTest(
  "exec has the container's capabilities and no_new_privs, and is in a session of its own",
  async (box) => {
    const own = await box.started(["cat", "/proc/self/status"], ["sleep", "60000"]);
    await own.waitForOutput(/\n/);
    const [before] = box.reports(own.stdout, ["cat", "/proc/self/status"]);
    const [after, ids] = await look(box, [], ["cat", "/proc/self/status"], ["ids"]);
    const members = (status: string) => {
      const { CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs, Seccomp } = parseProcStatus(status);
      return { CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs, Seccomp };
    };
    assert.deepEqual(members(succeeded(after)), members(succeeded(before)));
    assert.deepEqual([ids.sid, ids.pgid], [ids.pid, ids.pid]);
  },
  { peerDeviations: { crun: "1.8.1 leaves no_new_privs out" } },
);

containerTest(
  "exec --env adds to the container's variables, and the last one of a name counts",
  async (box) => {
    box.config.process.env = ["PATH=/", "COLOR=blue", "SHAPE=round"];
    await running(box);
    const [env] = await look(box, ["-e", "COLOR=red", "-e", "SIZE=a=b,c", "-e", "COLOR=green"], ["env"]);
    assert.deepEqual([...env].sort(), ["COLOR=green", "HOME=/", "PATH=/", "SHAPE=round", "SIZE=a=b,c"]);
  },
  { peerDeviations: { crun: "1.8.1 keeps both" } },
);

containerTest(
  "exec --env refuses what is no variable, by name",
  async (box) => {
    await running(box);
    for (const entry of ["COLOR", "=red", ""]) {
      await refuses(box, ["--env", entry], ["env"], new RegExp(`"${entry}"`));
    }
  },
  { peerDeviations: { runc: "refuses only some", crun: "takes anything" } },
);

containerTest("exec --cwd is where the program starts", async (box) => {
  await running(box);
  assert.deepEqual(await look(box, ["--cwd", "/dev/shm"], ["cwd"]), ["/dev/shm"]);
});

containerTest(
  "exec --cwd refuses a directory that is not there, and makes none",
  async (box) => {
    box.config.root.readonly = false;
    await running(box);
    // podman would take the C library's words for a missing command.
    await refuses(box, ["--cwd", "/nosuch"], ["cwd"], /^(?!.*no such file)[^\n]*"\/nosuch"[^\n]*ENOENT/);
    await refuses(box, ["--cwd", "tmp"], ["cwd"], /"tmp"[^\n]*absolute/);
    const [files] = await look(box, [], ["ls", "/"]);
    assert.ok(!succeeded(files).includes("nosuch"));
  },
  { needs: [needsOurs] },
);

containerTest(
  "exec --user takes a user, and a group",
  async (box) => {
    box.config.process.user = { uid: 5, gid: 6 };
    await running(box);
    const [first] = await look(box, ["--user", "1000"], ["ids"]);
    assert.deepEqual([first.uid, first.gid], [1000, 6]);
    const [second] = await look(box, ["-u", "1000:1001"], ["ids"]);
    assert.deepEqual([second.uid, second.gid], [1000, 1001]);
  },
  { peerDeviations: { crun: "takes group 0 where none is named" } },
);

containerTest(
  "exec --user refuses what is no number, by name",
  async (box) => {
    await running(box);
    await refuses(box, ["--user", "root"], ["ids"], /root/);
  },
  { peerDeviations: { crun: "exits with 1" } },
);

containerTest(
  "exec --additional-gids adds groups",
  async (box) => {
    box.config.process.user.additionalGids = [7];
    await running(box);
    const [status] = await look(box, ["-g", "20", "-g", "30"], ["cat", "/proc/self/status"]);
    assert.deepEqual(parseProcStatus(succeeded(status)).Groups?.split(" "), ["7", "20", "30"]);
  },
  { peerDeviations: { crun: "does not have it" } },
);

containerTest(
  "exec --cap adds a capability, and makes none inheritable that was not",
  async (box) => {
    await running(box);
    const [before, after] = [
      await look(box, [], ["cat", "/proc/self/status"]),
      await look(box, ["--cap", "CAP_SYS_CHROOT"], ["cat", "/proc/self/status"]),
    ].map(([status]) => parseProcStatus(succeeded(status)));
    const SYS_CHROOT = 18;
    for (const set of ["CapBnd", "CapPrm", "CapEff"] as const) {
      const expected = [...bitsOf(before?.[set] ?? ""), SYS_CHROOT].sort((a, b) => a - b);
      assert.deepEqual(bitsOf(after?.[set] ?? ""), expected, set);
    }
    assert.deepEqual([after?.CapInh, after?.CapAmb], [before?.CapInh, before?.CapAmb]);
  },
  { peerDeviations: { crun: "1.8.1 makes it ambient" } },
);

containerTest(
  "exec --cap refuses a capability that does not exist",
  async (box) => {
    await running(box);
    await refuses(box, ["--cap", "CAP_NOSUCH"], ["ids"], /CAP_NOSUCH/);
  },
  { peerDeviations: { runc: "warns", crun: "1.8.1 says nothing" } },
);

containerTest("exec --no-new-privs sets it", async (box) => {
  box.config.process.noNewPrivileges = false;
  await running(box);
  const [before] = await look(box, [], ["cat", "/proc/self/status"]);
  const [after] = await look(box, ["--no-new-privs"], ["cat", "/proc/self/status"]);
  const values = [before, after].map((status) => parseProcStatus(succeeded(status)).NoNewPrivs);
  assert.deepEqual(values, ["0", "1"]);
});

containerTest("exec is under the container's seccomp filter", async (box) => {
  box.config.linux.seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 }],
  };
  box.config.root.readonly = false;
  await running(box);
  assert.deepEqual(await look(box, [], ["mkdir", "/new"]), [{ error: "ENOSPC" }]);
});

containerTest("exec --process takes the whole process from a file", async (box) => {
  box.config.process.env = ["PATH=/", "COLOR=blue"];
  await running(box);
  const file = writeProcess(box, {
    user: { uid: 12, gid: 34 },
    cwd: "/tmp",
    env: ["PATH=/", "SHAPE=round", "HOME=/home"],
    args: ["probe", ...probeArgs(["ids"], ["cwd"], ["env"], ["cat", "/proc/self/status"])],
    capabilities: { bounding: ["CAP_KILL"], permitted: [], effective: [], inheritable: [], ambient: [] },
  });
  const result = await box.runtime(["exec", "--process", file, box.id]);
  assertSuccess(result);
  const [ids, cwd, env, status] = box.reports(result.stdout, ["ids"], ["cwd"], ["env"], ["cat", "/proc/self/status"]);
  assert.deepEqual([ids.uid, ids.gid, cwd], [12, 34, "/tmp"]);
  assert.deepEqual([...env].sort(), ["HOME=/home", "PATH=/", "SHAPE=round"]);
  const { CapBnd, CapEff } = parseProcStatus(succeeded(status));
  assert.deepEqual([bitsOf(CapBnd ?? ""), bitsOf(CapEff ?? "")], [[5], []]);
});

containerTest(
  "exec --process names the file, the place and the rule of everything that is wrong",
  async (box) => {
    await running(box);
    const file = writeProcess(box, { user: { uid: 0, gid: 0 }, cwd: "tmp", args: [], env: ["=x"] });
    const result = await box.runtime(["exec", "-p", file, box.id]);
    assert.equal(result.status, 255);
    for (const part of [file, '/cwd: "tmp"', "/args:", "/env/0:"])
      assert.ok(result.stderr.includes(part), result.stderr);
  },
  { needs: [needsOurs] },
);

containerTest("exec --process refuses a file that is missing, and one that is no JSON", async (box) => {
  await running(box);
  for (const [name, text] of [["missing"], ["broken", '{"cwd": "/",']] as const) {
    if (text !== undefined) writeFileSync(box.path(name), text);
    const result = await box.runtime(["exec", "--process", box.path(name), box.id]);
    assert.notEqual(result.status, 0);
    assert.doesNotMatch(result.stderr, /executable file/);
  }
});

containerTest(
  "process.execCPUAffinity says where the program runs, before and in the container's cgroups",
  async (box) => {
    await running(box);
    const args = ["/probe", "cat", "/proc/self/status"];
    for (const [affinity, expected] of [
      [{ initial: "0", final: "1" }, "1"],
      [{ initial: "0" }, `0-${availableParallelism() - 1}`],
      [{ final: "0" }, "0"],
    ] as const) {
      const file = writeProcess(box, { user: { uid: 0, gid: 0 }, cwd: "/", args, execCPUAffinity: affinity });
      const result = await box.runtime(["exec", "--process", file, box.id]);
      assertSuccess(result);
      const [status] = box.reports(result.stdout, ["cat", "/proc/self/status"]);
      assert.equal(parseProcStatus(succeeded(status)).Cpus_allowed_list, expected, JSON.stringify(affinity));
    }
  },
  {
    needs: [() => (availableParallelism() < 2 ? "needs two processors" : undefined)],
    peerDeviations: { runc: "1.1 does not have it", crun: "1.8.1 does not have it" },
  },
);

containerTest("exec --tty gives the program a terminal of the container, of the caller's size", async (box) => {
  await running(box);
  await onTerminal(box, [["tty"], ["env"]], async (terminal) => {
    assert.deepEqual(await terminal.ended(), { status: 0, isModeRestored: true });
    const [tty, env] = box.reports(terminal.shown.replaceAll("\r", ""), ["tty"], ["env"]);
    const { name, rows: _rows, columns: _columns, ...report } = tty;
    assert.match(name, /^\/dev\/pts\/\d+$/);
    assert.deepEqual(report, { isatty: [true, true, true], isControlling: true, isForeground: true });
    assert.ok(env.includes("TERM=xterm"));
  });
});

containerTest(
  "exec --tty has the size of the caller's terminal from the start, and follows it",
  async (box) => {
    await running(box);
    await onTerminal(box, [["tty"], ["signals", "9"]], async (terminal) => {
      await terminal.waitFor(/"rows":33,"columns":101[\s\S]*ready/);
      terminal.resize(50, 160);
      await terminal.waitFor(/"signal":28,"rows":50,"columns":160/);
      terminal.type("\x03");
      await terminal.waitFor(/"signal":2,/);
    });
  },
  { peerDeviations: { runc: "sets the size when the process runs already", crun: "1.8.1 does not hand it on" } },
);

containerTest("exec without --tty has no terminal, whatever the container has", async (box) => {
  const socket = box.path("console");
  const terminal = Terminal.receive(socket);
  try {
    box.config.process.terminal = true;
    box.setCommands(["sleep", "60000"]);
    await box.socketAppears(socket);
    assertSuccess(await box.run(["--detach", "--console-socket", socket]));
    const [tty] = await look(box, [], ["tty"]);
    assert.deepEqual(tty.isatty, [false, false, false]);
  } finally {
    terminal.close();
  }
});

containerTest("exec --detach --tty sends the master of the terminal to the console socket", async (box) => {
  await running(box);
  const socket = box.path("console");
  const terminal = Terminal.receive(socket);
  try {
    await box.socketAppears(socket);
    assertSuccess(await exec(box, ["-d", "--tty", "--console-socket", socket], [["tty"], ["cat", "-"]]));
    assert.equal((await terminal.received()).isatty, true);
    await terminal.waitFor(/"isControlling":true/);
    terminal.type("typed\n\x04");
    await terminal.waitFor(/"typed\\u000a"/);
  } finally {
    terminal.close();
  }
});

containerTest(
  "exec refuses a terminal that nobody would hold, and a socket without one",
  async (box) => {
    await running(box);
    await refuses(box, ["--detach", "--tty"], ["ids"], /console/);
    await refuses(box, ["--detach", "--console-socket", box.path("nobody")], ["ids"], /console|socket/);
  },
  { peerDeviations: { crun: "1.8.1 runs the program" } },
);

containerTest("exec --detach returns once the program runs, and writes its pid", async (box) => {
  await running(box);
  const program = launch(
    box,
    ["--detach", "--pid-file", box.path("pid")],
    [
      ["print", "up\n"],
      ["sleep", "60000"],
    ],
  );
  assertSuccess(await program.ended);
  await program.waitForOutput(/up/);
  const text = readFileSync(box.path("pid"), "utf8");
  assert.match(text, /^[1-9]\d*$/);
  assert.match(readFileSync(`/proc/${text}/cmdline`, "utf8"), /^\/probe\0print/);
  assert.equal((await box.state()).status, "running");
});

containerTest("exec --detach fails, and writes no pid, when there is no such command", async (box) => {
  await running(box);
  const result = await box.runtime(["exec", "--detach", "--pid-file", box.path("pid"), box.id, "nosuch"]);
  assert.equal(result.status, 255);
  assert.throws(() => readFileSync(box.path("pid")), { code: "ENOENT" });
});

containerTest(
  "exec --pidfd-socket sends a pidfd of the program",
  async (box) => {
    await running(box);
    const socket = box.path("pidfd");
    const receiver = Terminal.receive(socket);
    try {
      await box.socketAppears(socket);
      const flags = ["--detach", "--pid-file", box.path("pid"), "--pidfd-socket", socket];
      assertSuccess(await exec(box, flags, [["sleep", "60000"]]));
      const pid = readFileSync(box.path("pid"), "utf8");
      assert.match((await receiver.received()).fdinfo, new RegExp(`^Pid:\\s+${pid}$`, "m"));
    } finally {
      receiver.close();
    }
  },
  { peerDeviations: { runc: "1.1 does not have it", crun: "does not have it" } },
);

containerTest("exec leaves no descriptor open but the standard streams", async (box) => {
  await running(box);
  const directory = openSync(box.directory, "r");
  try {
    const result = await exec(box, [], [["fds"]], { fds: [directory, directory] });
    const [fds] = box.reports(result.stdout, ["fds"]);
    assert.deepEqual(Object.keys(fds), ["0", "1", "2"]);
  } finally {
    closeSync(directory);
  }
});

containerTest("exec --preserve-fds hands on as many as asked", async (box) => {
  await running(box);
  const file = openSync(box.path("file"), "w+");
  try {
    const commands = [["write-fd", "4", "through 4"], ["fds"]] as const;
    const result = await exec(box, ["--preserve-fds", "2"], commands, { fds: [file, file, file] });
    const [written, fds] = box.reports(result.stdout, ["write-fd"], ["fds"]);
    assert.deepEqual([written, Object.keys(fds)], [{ ok: true }, ["0", "1", "2", "3", "4"]]);
    assert.equal(readFileSync(box.path("file"), "utf8"), "through 4");
  } finally {
    closeSync(file);
  }
});

containerTest(
  "exec --cgroup puts the program into a cgroup below the container's",
  async (box) => {
    await running(box);
    const groups = readFileSync(`/proc/${(await box.state()).pid}/cgroup`, "utf8");
    const below = join(cgroupV1Directory("pids") ?? "", /:pids:(.*)/.exec(groups)?.[1] ?? "", "below");
    mkdirSync(below);
    try {
      const [text] = await look(box, ["--cgroup", "pids:below"], ["cat", "/proc/self/cgroup"]);
      assert.match(succeeded(text), /^\d+:pids:.*\/below$/m);
      assert.match(succeeded(text), /^\d+:memory:(?!.*\/below)/m);
    } finally {
      rmdirSync(below);
    }
  },
  { needs: [needsCgroupV1("pids"), needsCgroupV1("memory")], peerDeviations: { crun: "takes a path only" } },
);

containerTest(
  "exec --cgroup refuses what is not there, or not below, by name",
  async (box) => {
    await running(box);
    await refuses(box, ["--cgroup", "pids:nosuch"], ["ids"], / adding pid .*\/nosuch\/cgroup\.procs: no such file /);
    await refuses(box, ["--cgroup", "pids:../other"], ["ids"], /\.\.\/other/);
    await refuses(box, ["--cgroup", "nosuch:below"], ["ids"], /nosuch/);
  },
  { needs: [needsCgroupV1("pids")], peerDeviations: { crun: "takes a path only" } },
);

for (const [name, command, text] of [
  ["a command that PATH does not have", "nosuch", /executable file (`nosuch` )?not found in \$PATH/],
  ["a command that is no file", "/no/such", /no such file or directory/i],
  ["a command that may not be executed", "/plain", /permission denied/i],
] as const) {
  containerTest(
    `exec fails with 255 for ${name}, as callers know it`,
    async (box) => {
      writeFileSync(box.inRootfs("plain"), "text");
      chmodSync(box.inRootfs("plain"), 0o644);
      await running(box);
      const result = await box.runtime(["exec", box.id, command]);
      assert.equal(result.status, 255);
      assert.match(result.stderr, text);
      assert.equal((await box.state()).status, "running");
    },
    command === "/plain" ? { peerDeviations: { crun: "says Operation not permitted" } } : {},
  );
}

containerTest("exec refuses an empty command", async (box) => {
  await running(box);
  const result = await box.runtime(["exec", box.id]);
  assert.notEqual(result.status, 0);
  assert.equal(result.stdout, "");
});

containerTest("exec works in a created container", async (box) => {
  box.setCommands(["sleep", "60000"]);
  await box.created();
  const [ids] = await look(box, [], ["ids"]);
  assert.ok(ids.pid > 1);
  assert.equal((await box.state()).status, "created");
});

containerTest(
  "exec refuses a container that has stopped",
  async (box) => {
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    const result = await exec(box, [], [["ids"]]);
    assert.equal(result.status, 255);
    assert.match(result.stderr, /cannot exec in a stopped container/);
  },
  { peerDeviations: { crun: "words it otherwise" } },
);

containerTest(
  "exec refuses a container that does not exist",
  async (box) => {
    const result = await exec(box, [], [["ids"]]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /does not exist/);
  },
  { peerDeviations: { crun: "1.8.1 shows the failed open of its status file" } },
);

for (const [signal, number] of [
  ["SIGTERM", 15],
  ["SIGINT", 2],
  ["SIGUSR1", 10],
] as const) {
  containerTest(`exec hands ${signal} on to the program`, async (box) => {
    await running(box);
    const program = launch(box, [], [["signals", "99"]]);
    await program.waitForOutput(/ready/);
    program.kill(signal);
    await program.waitForOutput(new RegExp(`"signal":${number},`));
  });
}

containerTest("delete --force ends what exec has started, while exec waits for it", async (box) => {
  await running(box);
  const program = launch(
    box,
    [],
    [
      ["print", "up\n"],
      ["sleep", "60000"],
    ],
  );
  await program.waitForOutput(/up/);
  await box.must("delete", "--force");
  assert.equal((await program.ended).status, 137);
});

containerTest("many execs at once do not disturb one another", async (box) => {
  await running(box);
  const numbers = Array.from({ length: 8 }, (_, index) => String(index));
  const results = await Promise.all(
    numbers.map((number) =>
      exec(
        box,
        [],
        [
          ["sleep", "50"],
          ["args", number],
        ],
      ),
    ),
  );
  assert.deepEqual(
    results.map(({ stdout }) => stdout),
    numbers.map((number) => `["${number}"]\n`),
  );
});

containerTest(
  "exec is in the user namespace of the container, as its root or as another user of it",
  async (box) => {
    box.config.linux.namespaces.push({ type: "user" });
    box.config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    box.config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    await running(box);
    const [root, map, pts] = await look(box, [], ["ids"], ["cat", "/proc/self/uid_map"], ["ls", "/dev/pts"]);
    assert.deepEqual([root.uid, root.gid], [0, 0]);
    assert.deepEqual(succeeded(map).trim().split(/\s+/).map(Number), [0, 100_000, 65_536]);
    assert.ok(succeeded(pts).includes("ptmx"));
    const [user] = await look(box, ["--user", "1000:1000"], ["ids"]);
    assert.deepEqual([user.uid, user.gid], [1000, 1000]);
    await onTerminal(box, [["tty"]], async (terminal) => {
      assert.deepEqual(await terminal.ended(), { status: 0, isModeRestored: true });
    });
  },
  { needs: [needsUserNamespaces] },
);

containerTest("exec works where the container has few namespaces of its own", async (box) => {
  box.config.linux.namespaces = [{ type: "mount" }];
  delete box.config.hostname;
  await running(box);
  const [own] = await look(box, [], ["ids"]);
  assert.ok(own.pid > 1);
});

/** A container that runs until it is killed. */
async function running(box: TestBox): Promise<void> {
  const output = await box.started(["print", "up\n"], ["sleep", "60000"]);
  await output.waitForOutput(/up/);
}

function launch(
  box: TestBox,
  flags: readonly string[],
  commands: readonly (readonly string[])[],
  options?: ProgramOptions,
): RunningProgram {
  return box.launch(["exec", ...flags, box.id, "/probe", ...probeArgs(...commands)], options);
}

function exec(...words: Parameters<typeof launch>): Promise<ProgramResult> {
  return launch(...words).ended;
}

/** Runs the probe's commands by `exec`, and returns what they report. */
async function look<const Commands extends readonly ProbeCommand[]>(
  box: TestBox,
  flags: readonly string[],
  ...commands: Commands
): Promise<ReportsOf<Commands>> {
  const result = await exec(box, flags, commands);
  assertSuccess(result);
  return box.reports(result.stdout, ...commands);
}

/** `exec` fails before anything runs, with 255 and a reason. */
async function refuses(
  box: TestBox,
  flags: readonly string[],
  command: readonly string[],
  reason: RegExp,
): Promise<void> {
  const result = await exec(box, flags, [command]);
  assert.equal(result.status, 255, JSON.stringify(result));
  assert.match(result.stderr, reason);
  assert.equal(result.stdout, "");
}

async function onTerminal(
  box: TestBox,
  commands: readonly (readonly string[])[],
  check: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const terminal = Terminal.run(33, 101, box.argv(["exec", "--tty", box.id, "/probe", ...probeArgs(...commands)]));
  try {
    await check(terminal);
  } finally {
    terminal.close();
  }
}

function writeProcess(box: TestBox, process: Readonly<Record<string, unknown>>): string {
  const file = box.path("process.json");
  writeFileSync(file, JSON.stringify(process));
  return file;
}
