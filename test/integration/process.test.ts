import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { needsCapability, needsOurs } from "../helpers/needs.ts";
import { parseReports, succeeded } from "../helpers/probe.ts";
import { bitsOf, parseProcStatus } from "../helpers/proc-status.ts";
import { assertSuccess } from "../helpers/test-box.ts";

containerTest("process.args reach the program unchanged", async (box) => {
  const args = ["", "a b", "line\nbreak", "tab\t", "'\"$HOME\\", "ünïcode 漢字", "x".repeat(100_000)];
  const [report] = await box.look(["args", ...args]);
  assert.deepEqual(report, args);
});

containerTest(
  "the caller's /dev/null gives way to the container's own",
  async (box) => {
    await box.started(["sleep", "60000"]);
    const { pid } = await box.state();
    const place = (path: string) => [statSync(path).dev, statSync(path).ino];
    assert.deepEqual(place(`/proc/${pid}/fd/0`), place(`/proc/${pid}/root/dev/null`));
    assert.notDeepEqual(place(`/proc/${pid}/fd/0`), place("/dev/null"));
  },
  { peerDeviations: { crun: "leaves the caller's" } },
);

containerTest("process.args[0] is looked up in the container's PATH", async (box) => {
  box.config.process.env = ["PATH=/nowhere:/tools"];
  mkdirSync(box.inRootfs("tools"));
  assertSuccess(await box.program(["ln", box.inRootfs("probe"), box.inRootfs("tools/looked-up")]));
  box.config.process.args = ["looked-up", "args", "found"];
  const result = await box.run();
  assert.deepEqual(parseReports(result.stdout), [["found"]]);
});

containerTest("process.args[0] with a slash is relative to process.cwd", async (box) => {
  box.config.process.cwd = "/tools";
  mkdirSync(box.inRootfs("tools"));
  assertSuccess(await box.program(["ln", box.inRootfs("probe"), box.inRootfs("tools/here")]));
  box.config.process.args = ["./here", "args", "found"];
  assert.deepEqual(parseReports((await box.run()).stdout), [["found"]]);
});

containerTest("process.args[0] that is not in PATH fails as callers know it", async (box) => {
  box.config.process.args = ["nosuch"];
  const result = await box.run();
  assert.equal(result.status, 1);
  assert.match(result.stderr, /nosuch/);
  assert.match(result.stderr, /executable file (`nosuch` )?not found in \$PATH/);
});

containerTest("process.args[0] that is no file fails as callers know it", async (box) => {
  box.config.process.args = ["/no/such"];
  const result = await box.run();
  assert.equal(result.status, 1);
  assert.match(result.stderr, /\/no\/such/);
  assert.match(result.stderr, /no such file or directory/i);
});

containerTest(
  "process.args[0] that may not be executed fails as callers know it",
  async (box) => {
    writeFileSync(box.inRootfs("plain"), "text");
    chmodSync(box.inRootfs("plain"), 0o644);
    box.config.process.args = ["/plain"];
    const result = await box.run();
    assert.equal(result.status, 1);
    assert.match(result.stderr, /\/plain/);
    assert.match(result.stderr, /permission denied/i);
  },
  { peerDeviations: { crun: "says Operation not permitted" } },
);

containerTest("process.env is the whole environment, in order", async (box) => {
  box.config.process.env = ["PATH=/", "HOME=/somewhere", "EMPTY=", "EQUALS=a=b", "SPACE= x ", "LINES=1\n2"];
  const [env] = await box.look(["env"]);
  assert.deepEqual(env, box.config.process.env);
});

containerTest("HOME comes from the container's passwd file when process.env has none", async (box) => {
  writeFileSync(
    box.inRootfs("etc/passwd"),
    "root:x:0:0:root:/root/home:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n",
  );
  box.config.process.user = { uid: 1000, gid: 1000 };
  const [env] = await box.look(["env"]);
  assert.ok(env.includes("HOME=/home/user"), env.join());
});

containerTest("HOME is / when the container knows no such user", async (box) => {
  const [env] = await box.look(["env"]);
  assert.ok(env.includes("HOME=/") || env.includes("HOME=/root"), env.join());
});

containerTest("process.cwd is the working directory", async (box) => {
  mkdirSync(box.inRootfs("etc/inner"));
  box.config.process.cwd = "/etc/inner";
  const [cwd] = await box.look(["cwd"]);
  assert.equal(cwd, "/etc/inner");
});

for (const readonly of [false, true]) {
  containerTest(`process.cwd is made when it is missing, with root.readonly ${readonly}`, async (box) => {
    box.config.root.readonly = readonly;
    box.config.process.cwd = "/made/for/it";
    const [cwd, write] = await box.look(["cwd"], ["write", "/made/for/it/file", "x"]);
    assert.equal(cwd, "/made/for/it");
    assert.equal("error" in write, readonly);
  });
}

containerTest(
  "process.cwd must be absolute",
  async (box) => {
    box.config.process.cwd = "etc";
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /cwd/i);
    await box.assertNoTraces();
  },
  { peerDeviations: { crun: "accepts a relative directory" } },
);

containerTest("process.user sets the ids and the additional groups", async (box) => {
  box.config.process.user = { uid: 1001, gid: 1002, additionalGids: [5, 27, 1003] };
  const [ids, status] = await box.look(["ids"], ["cat", "/proc/self/status"]);
  assert.deepEqual([ids.uid, ids.euid, ids.gid, ids.egid], [1001, 1001, 1002, 1002]);
  const { Uid, Gid, Groups } = parseProcStatus(succeeded(status));
  assert.deepEqual([Uid, Gid], ["1001\t1001\t1001\t1001", "1002\t1002\t1002\t1002"]);
  assert.deepEqual(Groups?.split(" "), ["5", "27", "1003"]);
});

containerTest("no group of the caller is left without additionalGids", async (box) => {
  const [status] = await box.look(["cat", "/proc/self/status"]);
  assert.equal(parseProcStatus(succeeded(status)).Groups, "");
});

containerTest("process.user.umask is the umask", async (box) => {
  box.config.process.user.umask = 0o027;
  const [ids] = await box.look(["ids"]);
  assert.equal(ids.umask, 0o027);
});

containerTest("the umask is 022 unless the config says otherwise", async (box) => {
  box.setCommands(["ids"]);
  box.writeConfig();
  const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
  const result = await box.program(["sh", "-c", 'umask 0077; exec "$@"', "sh", ...argv]);
  const [ids] = box.reports(result.stdout, ["ids"]);
  assert.equal(ids.umask, 0o022);
});

const CAPABILITY_SETS = ["bounding", "effective", "inheritable", "permitted", "ambient"] as const;
const STATUS_KEYS = {
  bounding: "CapBnd",
  effective: "CapEff",
  inheritable: "CapInh",
  permitted: "CapPrm",
  ambient: "CapAmb",
};

containerTest("process.capabilities sets the five sets, each on its own", async (box) => {
  box.config.process.capabilities = {
    bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW", "CAP_AUDIT_WRITE"],
    permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"],
    inheritable: ["CAP_CHOWN", "CAP_KILL"],
    effective: ["CAP_CHOWN", "CAP_SETUID"],
    ambient: ["CAP_CHOWN"],
  };
  // Of root, execve would make all sets equal.
  box.config.process.user = { uid: 1000, gid: 1000 };
  const [status] = await box.look(["cat", "/proc/self/status"]);
  const sets = parseProcStatus(succeeded(status));
  const numbers = Object.fromEntries(CAPABILITY_SETS.map((set) => [set, bitsOf(sets[STATUS_KEYS[set]] ?? "")]));
  assert.deepEqual(numbers, {
    bounding: [0, 5, 7, 13, 29],
    // After execve of a program without file capabilities only the ambient ones are left (capabilities(7)).
    permitted: [0],
    inheritable: [0, 5],
    effective: [0],
    ambient: [0],
  });
});

containerTest("a command is looked up with the capabilities of the process, and of no other", async (box) => {
  copyFileSync(box.inRootfs("probe"), box.inRootfs("of-root"));
  chmodSync(box.inRootfs("of-root"), 0o700);
  box.config.process.args = ["/of-root", "args", "ran"];
  box.config.process.user = { uid: 1000, gid: 1000 };
  box.config.process.capabilities = {};
  const denied = await box.run();
  assert.match(denied.stderr, /permission denied/);
  const capabilities = ["CAP_DAC_OVERRIDE"];
  box.config.process.capabilities = { bounding: capabilities, permitted: capabilities, effective: capabilities };
  const allowed = await box.run();
  assert.deepEqual(parseReports(allowed.stdout), [["ran"]], allowed.stderr);
});

containerTest("process.capabilities of root are those of the bounding set", async (box) => {
  const [status] = await box.look(["cat", "/proc/self/status"]);
  const { CapBnd, CapEff, CapPrm, CapAmb, CapInh } = parseProcStatus(succeeded(status));
  assert.deepEqual(
    [CapBnd, CapEff, CapPrm].map((mask) => bitsOf(mask ?? "")),
    [
      [5, 10, 29],
      [5, 10, 29],
      [5, 10, 29],
    ],
  );
  assert.deepEqual(
    [CapInh, CapAmb].map((mask) => bitsOf(mask ?? "")),
    [[], []],
  );
});

containerTest(
  "without process.capabilities there are none",
  async (box) => {
    delete box.config.process.capabilities;
    const [status, chown] = await box.look(["cat", "/proc/self/status"], ["chown", "/dev/shm", "1", "1"]);
    const sets = parseProcStatus(succeeded(status));
    for (const key of Object.values(STATUS_KEYS)) assert.deepEqual(bitsOf(sets[key] ?? "1"), [], key);
    assert.deepEqual(chown, { error: "EPERM" });
  },
  { peerDeviations: { runc: "gives all" } },
);

containerTest("a capability that is granted can be used, one that is not cannot", async (box) => {
  const commands = [["raw-socket"], ["chown", "/dev/shm", "1", "1"]] as const;
  assert.deepEqual(await box.look(...commands), [{ error: "EPERM" }, { error: "EPERM" }]);
  for (const set of CAPABILITY_SETS)
    box.config.process.capabilities = { ...box.config.process.capabilities, [set]: ["CAP_NET_RAW", "CAP_CHOWN"] };
  assert.deepEqual(await box.look(...commands), [{ ok: true }, { ok: true }]);
});

containerTest(
  "an unknown capability is a warning",
  async (box) => {
    box.config.process.capabilities?.bounding?.push("CAP_NO_SUCH");
    box.setCommands(["exit", "0"]);
    const result = await box.run();
    assertSuccess(result);
    assert.match(result.stderr, /CAP_NO_SUCH/);
  },
  { peerDeviations: { crun: "1.8.1 says nothing" } },
);

containerTest("process.rlimits sets soft and hard limits", async (box) => {
  box.config.process.rlimits = [
    { type: "RLIMIT_NOFILE", soft: 512, hard: 1000 },
    { type: "RLIMIT_CORE", soft: 0, hard: 0 },
    { type: "RLIMIT_STACK", soft: 4_194_304, hard: 8_388_608 },
    { type: "RLIMIT_FSIZE", soft: 1_000_000_000_000, hard: 2_000_000_000_000 },
  ];
  const [limits] = await box.look(["rlimits"]);
  for (const { type, soft, hard } of box.config.process.rlimits) assert.deepEqual(limits[type], [soft, hard], type);
});

containerTest("process.rlimits are set before the process gives up its privileges, every time", async (box) => {
  box.config.process.user = { uid: 1000, gid: 1000 };
  for (let runs = 0; runs < 15; runs++) {
    const [limits] = await box.look(["rlimits"]);
    assert.deepEqual(limits.RLIMIT_NOFILE, [1024, 1024]);
  }
});

containerTest("process.rlimits knows infinity", async (box) => {
  box.config.process.rlimits = [];
  box.setCommands(["rlimits"]);
  box.writeConfig();
  const file = join(box.bundle, "config.json");
  const infinity = '"rlimits": [{"type": "RLIMIT_CPU", "soft": 1000000, "hard": 18446744073709551615}]';
  // No double holds this number.
  writeFileSync(file, readFileSync(file, "utf8").replace('"rlimits": []', infinity));
  const result = await box.runtime(["run", "--bundle", box.bundle, box.id]);
  assertSuccess(result);
  const [limits] = box.reports(result.stdout, ["rlimits"]);
  assert.deepEqual(limits.RLIMIT_CPU, [1_000_000, -1]);
});

containerTest(
  "limits that the config does not name stay as the caller has them",
  async (box) => {
    delete box.config.process.rlimits;
    box.setCommands(["rlimits"]);
    box.writeConfig();
    const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
    const result = await box.program(["sh", "-c", 'ulimit -S -n 333; ulimit -S -s 7000; exec "$@"', "sh", ...argv]);
    const [limits] = box.reports(result.stdout, ["rlimits"]);
    assert.equal(limits.RLIMIT_NOFILE?.[0], 333);
    assert.equal(limits.RLIMIT_STACK?.[0], 7000 * 1024);
  },
  { peerDeviations: { runc: "raises its own soft RLIMIT_NOFILE and hands that on" } },
);

containerTest(
  "a limit that is set twice is refused",
  async (box) => {
    box.config.process.rlimits = [
      { type: "RLIMIT_NOFILE", soft: 512, hard: 1000 },
      { type: "RLIMIT_NOFILE", soft: 513, hard: 1000 },
    ];
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /RLIMIT_NOFILE/);
  },
  { peerDeviations: { runc: "takes the last", crun: "takes the last" } },
);

containerTest("an unknown limit is refused", async (box) => {
  box.config.process.rlimits = [{ type: "RLIMIT_NOSUCH", soft: 1, hard: 1 }];
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /NOSUCH/);
});

for (const noNewPrivileges of [true, false]) {
  containerTest(`process.noNewPrivileges ${noNewPrivileges} is so`, async (box) => {
    box.config.process.noNewPrivileges = noNewPrivileges;
    const [status] = await box.look(["cat", "/proc/self/status"]);
    assert.equal(parseProcStatus(succeeded(status)).NoNewPrivs, noNewPrivileges ? "1" : "0");
  });
}

containerTest("process.oomScoreAdj is set", async (box) => {
  box.config.process.oomScoreAdj = 321;
  const [adjustment] = await box.look(["cat", "/proc/self/oom_score_adj"]);
  assert.equal(adjustment, "321\n");
});

containerTest(
  "process.oomScoreAdj may be negative",
  async (box) => {
    box.config.process.oomScoreAdj = -500;
    const [adjustment] = await box.look(["cat", "/proc/self/oom_score_adj"]);
    assert.equal(adjustment, "-500\n");
  },
  { needs: [needsCapability("CAP_SYS_RESOURCE", 24)] },
);

containerTest("the caller's oom_score_adj stays without process.oomScoreAdj", async (box) => {
  box.setCommands(["cat", "/proc/self/oom_score_adj"]);
  box.writeConfig();
  const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
  const result = await box.program(["sh", "-c", 'echo 77 > /proc/self/oom_score_adj; exec "$@"', "sh", ...argv]);
  assert.deepEqual(parseReports(result.stdout), ["77\n"]);
});

containerTest("the process starts with every signal free and at its default", async (box) => {
  const [status] = await box.look(["cat", "/proc/self/status"]);
  const { SigBlk, SigIgn } = parseProcStatus(succeeded(status));
  assert.deepEqual([bitsOf(SigBlk ?? "1"), bitsOf(SigIgn ?? "1")], [[], []]);
});

containerTest("the process leads a session of its own", async (box) => {
  const [ids] = await box.look(["ids"]);
  assert.deepEqual([ids.pid, ids.sid, ids.pgid], [1, 1, 1]);
});

containerTest("the process has no descriptors but the standard streams", async (box) => {
  const fds = [box, box, box].map(() => 1);
  box.setCommands(["fds"]);
  const [report] = box.reports((await box.run([], { fds })).stdout, ["fds"]);
  assert.deepEqual(Object.keys(report), ["0", "1", "2"]);
});

for (const [count, expected] of [
  [1, ["0", "1", "2", "3"]],
  [2, ["0", "1", "2", "3", "4"]],
] as const) {
  containerTest(`--preserve-fds ${count} hands on ${count} of the caller's descriptors`, async (box) => {
    box.setCommands(["fds"]);
    const [report] = box.reports((await box.run(["--preserve-fds", String(count)], { fds: [1, 1, 1] })).stdout, [
      "fds",
    ]);
    assert.deepEqual(Object.keys(report), expected);
  });
}

containerTest("create --preserve-fds hands descriptors on to the later process", async (box) => {
  box.setCommands(["fds"]);
  const creation = box.launchCreate(["--preserve-fds", "2"], { fds: [1, 1] });
  assertSuccess(await creation.ended);
  await box.must("start");
  await creation.waitForOutput(/\n/);
  const [fds] = box.reports(creation.stdout, ["fds"]);
  assert.deepEqual(Object.keys(fds), ["0", "1", "2", "3", "4"]);
});

containerTest(
  "LISTEN_FDS hands on the descriptors of socket activation",
  async (box) => {
    box.setCommands(["fds"], ["env"]);
    box.writeConfig();
    const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
    // LISTEN_PID must be the runtime's own.
    const script = 'exec 3</dev/null 4</dev/zero; LISTEN_FDS=2 LISTEN_PID=$$ exec "$@"';
    const result = await box.program(["sh", "-c", script, "sh", ...argv]);
    assertSuccess(result);
    const [fds, env] = box.reports(result.stdout, ["fds"], ["env"]);
    assert.deepEqual(Object.keys(fds), ["0", "1", "2", "3", "4"]);
    assert.ok(env.includes("LISTEN_FDS=2"), env.join());
    assert.ok(env.includes("LISTEN_PID=1"), env.join());
  },
  { peerDeviations: { crun: "sets LISTEN_PID only" } },
);

containerTest(
  "process.args must not be empty",
  async (box) => {
    box.config.process.args = [];
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /args/);
  },
  { peerDeviations: { crun: "says that the executable path is not specified" } },
);

containerTest(
  "a script without its interpreter is explained",
  async (box) => {
    writeFileSync(box.inRootfs("script"), "#!/no/interpreter\n");
    chmodSync(box.inRootfs("script"), 0o755);
    box.config.process.args = ["/script"];
    const result = await box.run();
    assert.equal(result.status, 1);
    assert.match(
      result.stderr,
      /exec \/script: no such file or directory .*; fix: the file is there, and .* interpreter/,
    );
  },
  { needs: [needsOurs] },
);
