import assert from "node:assert/strict";
import { parseReports, succeeded } from "../../helpers/probe.ts";
import { parseProcStatus } from "../../helpers/proc-status.ts";
import { RUNTIME } from "../../helpers/runtime-under-test.ts";
import { Terminal } from "../../helpers/terminal.ts";
import { assertSuccess, type TestBox } from "../../helpers/test-box.ts";
import { assertRefused, assertRequired, requirement } from "../requirement.ts";

const PROCESS = "config.md#process";

requirement(PROCESS, { id: "MD-CF-57", level: "REQUIRED", says: "process is there when start is called" }, (box) =>
  assertRequired(box, box.config, "process"),
);

requirement(PROCESS, { id: "MD-CF-58", says: "consoleSize without a terminal is ignored" }, async (box) => {
  box.config.process.consoleSize = { height: 10, width: 20 };
  const [tty] = await box.look(["tty"]);
  assert.deepEqual([tty.isatty, tty.rows, tty.columns], [[false, false, false], 0, 0]);
});

for (const [id, property] of [
  ["MD-CF-59", "height"],
  ["MD-CF-60", "width"],
] as const) {
  requirement(PROCESS, { id, level: "REQUIRED", says: `consoleSize has a ${property}` }, async (box) => {
    const consoleSize = { height: 10, width: 20 };
    box.config.process.consoleSize = consoleSize;
    box.config.process.terminal = true;
    Reflect.deleteProperty(consoleSize, property);
    const terminal = Terminal.receive(box.path("console"));
    try {
      const created = await box.create(["--console-socket", box.path("console")]);
      assert.notEqual(created.status, 0, "the config was accepted");
    } finally {
      terminal.close();
    }
  });
}

requirement(PROCESS, { id: "MD-CF-61", level: "REQUIRED", says: "cwd is there" }, (box) =>
  assertRequired(box, box.config.process, "cwd"),
);

requirement(PROCESS, { id: "MD-CF-62", says: "cwd is an absolute path" }, async (box) => {
  box.config.process.cwd = "etc";
  await assertRefused(box);
});

requirement(PROCESS, { id: "MD-CF-63", level: "REQUIRED", says: "args has at least one entry" }, async (box) => {
  box.config.process.args = [];
  await assertRefused(box);
});

const POSIX = "config.md#posix-process";

for (const [id, property] of [
  ["MD-CF-64", "type"],
  ["MD-CF-67", "soft"],
  ["MD-CF-69", "hard"],
] as const) {
  requirement(POSIX, { id, level: "REQUIRED", says: `an entry of rlimits has a ${property}` }, async (box) => {
    const rlimit = { type: "RLIMIT_CORE", soft: 10, hard: 20 };
    box.config.process.rlimits = [rlimit];
    await assertRequired(box, rlimit, property);
  });
}

requirement(POSIX, { id: "MD-CF-65", says: "a limit that the kernel does not have is an error" }, async (box) => {
  box.config.process.rlimits = [{ type: "RLIMIT_NOSUCH", soft: 1, hard: 1 }];
  await assertRefused(box);
});

requirement(
  POSIX,
  [
    { id: "MD-CF-66", says: "getrlimit succeeds for the type of each entry of rlimits" },
    { id: "MD-CF-68", says: "the soft limit is the configured one" },
    { id: "MD-CF-70", says: "the hard limit is the configured one" },
  ],
  async (box) => {
    const rlimits = [
      { type: "RLIMIT_NOFILE", soft: 512, hard: 1000 },
      { type: "RLIMIT_CORE", soft: 0, hard: 4096 },
      { type: "RLIMIT_STACK", soft: 4_194_304, hard: 8_388_608 },
      { type: "RLIMIT_FSIZE", soft: 1_000_000, hard: 2_000_000 },
    ];
    box.config.process.rlimits = rlimits;
    const [limits] = await box.look(["rlimits"]);
    for (const { type, soft, hard } of rlimits) assert.deepEqual(limits[type], [soft, hard], type);
  },
);

requirement(POSIX, { id: "MD-CF-71", says: "two entries of rlimits with one type are an error" }, async (box) => {
  box.config.process.rlimits = [
    { type: "RLIMIT_NOFILE", soft: 512, hard: 1000 },
    { type: "RLIMIT_NOFILE", soft: 512, hard: 1000 },
  ];
  await assertRefused(box);
});

const LINUX = "config.md#linux-process";

requirement(
  LINUX,
  { id: "MD-CF-72", says: "a capability that cannot be granted is a warning", since: "1.1" },
  async (box) => {
    box.config.process.capabilities?.bounding?.push("CAP_NO_SUCH");
    box.setCommands(["cat", "/proc/self/status"]);
    const result = await box.run();
    assertSuccess(result);
    assert.match(result.stderr, /CAP_NO_SUCH/);
    const [status] = box.reports(result.stdout, ["cat", ""]);
    assert.equal(parseProcStatus(succeeded(status)).CapBnd, "0000000020000420");
  },
);

requirement(LINUX, { id: "MD-CF-73", says: "oomScoreAdj is the process's oom_score_adj" }, async (box) => {
  box.config.process.oomScoreAdj = 321;
  assert.deepEqual(await box.look(["cat", "/proc/self/oom_score_adj"]), ["321\n"]);
});

requirement(
  LINUX,
  { id: "MD-CF-74", level: "MUST NOT", says: "without oomScoreAdj the process's oom_score_adj is not changed" },
  async (box) => {
    box.setCommands(["cat", "/proc/self/oom_score_adj"]);
    box.writeConfig();
    const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
    const result = await box.program(["sh", "-c", 'echo 77 > /proc/self/oom_score_adj; exec "$@"', "sh", ...argv]);
    assert.deepEqual(parseReports(result.stdout), ["77\n"]);
  },
);

requirement(LINUX, { id: "MD-CF-75", level: "REQUIRED", says: "scheduler has a policy", since: "1.1" }, async (box) => {
  box.config.process.scheduler = { policy: "SCHED_BATCH", nice: 3 };
  await assertRequired(box, box.config.process.scheduler, "policy");
});

for (const [id, property] of [
  ["MD-CF-76", "class"],
  ["MD-CF-77", "priority"],
] as const) {
  requirement(
    LINUX,
    { id, level: "REQUIRED", says: `ioPriority has a ${property}, or the lack of it is told`, since: "1.1" },
    async (box) => {
      box.config.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 3 };
      await assertTold(box, box.config.process.ioPriority, property);
    },
  );
}

for (const [id, property] of [
  ["MD-CF-78", "uid"],
  ["MD-CF-79", "gid"],
] as const) {
  requirement(
    "config.md#posix-platform-user",
    { id, level: "REQUIRED", says: `user has a ${property}, or the lack of it is told` },
    (box) => assertTold(box, box.config.process.user, property),
  );
}

/** Where the spec's own schema has a default for what its text requires, a runtime may take it, but not in silence. */
async function assertTold(box: TestBox, from: object, property: string): Promise<void> {
  Reflect.deleteProperty(from, property);
  const result = await box.create();
  assert.ok(result.status !== 0 || result.stderr.includes(property), "accepted in silence");
  if (RUNTIME.name === "ours") assert.match(result.stderr, new RegExp(`/process/.*${property}`));
}
