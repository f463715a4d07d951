import assert from "node:assert/strict";
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { execIn, launchExec, lookByExec, onTerminal, refusesExec, runningContainer } from "../helpers/exec-test.ts";
import { cgroupV1Directory, needsCgroupV1, needsUserNamespaces } from "../helpers/needs.ts";
import { parseReports, succeeded } from "../helpers/probe.ts";

containerTest("exec is in the namespaces and cgroups of the container", async (box) => {
  const output = await box.started(["namespaces"], ["cat", "/proc/self/cgroup"], ["sleep", "60000"]);
  await output.waitForOutput(/\n.*\n/);
  const own = box.reports(output.stdout, ["namespaces"], ["cat", "/proc/self/cgroup"]);
  assert.deepEqual(await lookByExec(box, [], ["namespaces"], ["cat", "/proc/self/cgroup"]), own);
});

containerTest("exec sees the container's files and processes", async (box) => {
  await runningContainer(box);
  const [root, init, ids] = await lookByExec(box, [], ["ls", "/"], ["cat", "/proc/1/comm"], ["ids"]);
  assert.ok(succeeded(root).includes("probe"));
  assert.equal(init, "probe\n");
  assert.ok(ids.pid > 1);
});

containerTest("exec connects the standard streams", async (box) => {
  await runningContainer(box);
  const commands = [
    ["cat", "-"],
    ["print", "to stdout\n"],
    ["complain", "to stderr\n"],
  ] as const;
  const result = await execIn(box, [], commands, { stdin: "from stdin" });
  assert.deepEqual(result, { status: 0, stdout: '"from stdin"\nto stdout\n', stderr: "to stderr\n" });
});

for (const status of [0, 1, 126, 127, 255]) {
  containerTest(`exec exits with the status ${status} of the program`, async (box) => {
    await runningContainer(box);
    assert.deepEqual(await execIn(box, [], [["exit", String(status)]]), { status, stdout: "", stderr: "" });
  });
}

for (const signal of [6, 9, 15]) {
  containerTest(`exec exits with ${128 + signal} when signal ${signal} ends the program`, async (box) => {
    await runningContainer(box);
    assert.equal((await execIn(box, [], [["raise", String(signal)]])).status, 128 + signal);
  });
}

containerTest("exec hands the words behind the id on as they are", async (box) => {
  await runningContainer(box);
  const words = ["", "a b", "-d", "--cwd", "/tmp", "--", "line\nbreak", "'\"$HOME\\"];
  const result = await box.runtime(["exec", box.id, "/probe", "args", ...words]);
  // The probe takes "--" as the end of a command.
  assert.deepEqual(parseReports(result.stdout)[0], words.slice(0, 5));
});

containerTest(
  "exec takes a -- between the id and the command",
  async (box) => {
    await runningContainer(box);
    const result = await box.runtime(["exec", box.id, "--", "/probe", "args", "found"]);
    assert.deepEqual(parseReports(result.stdout), [["found"]]);
  },
  { peerDeviations: { runc: "1.1 takes it for the command", crun: "takes it for the command" } },
);

containerTest("exec leaves no descriptor open but the standard streams", async (box) => {
  await runningContainer(box);
  const directory = openSync(box.directory, "r");
  try {
    const result = await execIn(box, [], [["fds"]], { fds: [directory, directory] });
    const [fds] = box.reports(result.stdout, ["fds"]);
    assert.deepEqual(Object.keys(fds), ["0", "1", "2"]);
  } finally {
    closeSync(directory);
  }
});

containerTest("exec --preserve-fds hands on as many as asked", async (box) => {
  await runningContainer(box);
  const file = openSync(box.path("file"), "w+");
  try {
    const commands = [["write-fd", "4", "through 4"], ["fds"]] as const;
    const result = await execIn(box, ["--preserve-fds", "2"], commands, { fds: [file, file, file] });
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
    await runningContainer(box);
    const groups = readFileSync(`/proc/${(await box.state()).pid}/cgroup`, "utf8");
    const below = join(cgroupV1Directory("pids") ?? "", /:pids:(.*)/.exec(groups)?.[1] ?? "", "below");
    mkdirSync(below);
    try {
      const [text] = await lookByExec(box, ["--cgroup", "pids:below"], ["cat", "/proc/self/cgroup"]);
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
    await runningContainer(box);
    await refusesExec(
      box,
      ["--cgroup", "pids:nosuch"],
      ["ids"],
      / adding pid .*\/nosuch\/cgroup\.procs: no such file /,
    );
    await refusesExec(box, ["--cgroup", "pids:../other"], ["ids"], /\.\.\/other/);
    await refusesExec(box, ["--cgroup", "nosuch:below"], ["ids"], /nosuch/);
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
      await runningContainer(box);
      const result = await box.runtime(["exec", box.id, command]);
      assert.equal(result.status, 255);
      assert.match(result.stderr, text);
      assert.equal((await box.state()).status, "running");
    },
    command === "/plain" ? { peerDeviations: { crun: "says Operation not permitted" } } : {},
  );
}

containerTest("exec refuses an empty command", async (box) => {
  await runningContainer(box);
  const result = await box.runtime(["exec", box.id]);
  assert.notEqual(result.status, 0);
  assert.equal(result.stdout, "");
});

containerTest("exec works in a created container", async (box) => {
  box.setCommands(["sleep", "60000"]);
  await box.created();
  const [ids] = await lookByExec(box, [], ["ids"]);
  assert.ok(ids.pid > 1);
  assert.equal((await box.state()).status, "created");
});

containerTest(
  "exec refuses a container that has stopped",
  async (box) => {
    await box.started(["exit", "0"]);
    await box.waitForStatus("stopped");
    const result = await execIn(box, [], [["ids"]]);
    assert.equal(result.status, 255);
    assert.match(result.stderr, /cannot exec in a stopped container/);
  },
  { peerDeviations: { crun: "words it otherwise" } },
);

containerTest(
  "exec refuses a container that does not exist",
  async (box) => {
    const result = await execIn(box, [], [["ids"]]);
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
    await runningContainer(box);
    const program = launchExec(box, [], [["signals", "99"]]);
    await program.waitForOutput(/ready/);
    program.kill(signal);
    await program.waitForOutput(new RegExp(`"signal":${number},`));
  });
}

containerTest("delete --force ends what exec has started, while exec waits for it", async (box) => {
  await runningContainer(box);
  const program = launchExec(
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
  await runningContainer(box);
  const numbers = Array.from({ length: 8 }, (_, index) => String(index));
  const results = await Promise.all(
    numbers.map((number) =>
      execIn(
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
    await runningContainer(box);
    const [root, map, pts] = await lookByExec(box, [], ["ids"], ["cat", "/proc/self/uid_map"], ["ls", "/dev/pts"]);
    assert.deepEqual([root.uid, root.gid], [0, 0]);
    assert.deepEqual(succeeded(map).trim().split(/\s+/).map(Number), [0, 100_000, 65_536]);
    assert.ok(succeeded(pts).includes("ptmx"));
    const [user] = await lookByExec(box, ["--user", "1000:1000"], ["ids"]);
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
  await runningContainer(box);
  const [own] = await lookByExec(box, [], ["ids"]);
  assert.ok(own.pid > 1);
});
