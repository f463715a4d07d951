import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError, formatProblem } from "../../../src/base/problem.ts";
import { checkConfig, validateConfig } from "../../../src/config/validate-config.ts";

const SOUND = {
  ociVersion: "1.3.0",
  root: { path: "rootfs" },
  process: { cwd: "/", args: ["sh"], user: { uid: 0, gid: 0 } },
};

function lines(config: unknown): readonly string[] {
  const { errors, warnings } = checkConfig(config);
  return [...errors, ...warnings].map((problem) => `${problem.severity} ${formatProblem(problem)}`);
}

describe("validateConfig", () => {
  it("returns a sound config as it is, without warnings", () => {
    const { config, warnings } = validateConfig(SOUND);
    assert.equal(config, SOUND);
    assert.deepEqual(warnings, []);
  });

  it("throws everything at once, errors first", () => {
    const config = {
      ...SOUND,
      ociVersion: "abc",
      hostnam: "h",
      process: { cwd: "tmp", args: ["sh"], user: { uid: -1 } },
    };
    assert.throws(
      () => validateConfig(config),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.code, "ERR_CONFIG_INVALID");
        assert.equal(error.message, "Cannot use the config: it breaks 2 rules of the runtime-spec");
        assert.deepEqual(
          error.problems.map(({ severity, pointer }) => `${severity} ${pointer}`),
          ["error /process/user/uid", "error /ociVersion", "warning /hostnam"],
        );
        return true;
      },
    );
  });

  it("does not ask rules about what the schema refuses, and asks all others", () => {
    const config = {
      ...SOUND,
      process: { cwd: "tmp", args: "sh" },
      hostname: 5,
      mounts: [{}],
      linux: { maskedPaths: ["x"] },
    };
    assert.deepEqual(
      lines(config).map((line) => line.split(":")[0]),
      [
        "error /mounts/0/destination",
        "error /process/args",
        "error /hostname",
        "error /linux/maskedPaths/0",
        "error /linux/maskedPaths",
        "warning /process/user/uid",
        "warning /process/user/gid",
      ],
    );
  });

  for (const [what, config] of [
    ["no object", "text"],
    ["null", null],
    ["an array", []],
    ["a member that every object inherits", JSON.parse('{"__proto__": {"ociVersion": "1.0.0"}}')],
  ] as const) {
    it(`refuses a config that is ${what}`, () => assert.throws(() => validateConfig(config), ConfigError));
  }
});

describe("the texts of validateConfig", () => {
  for (const [config, text] of [
    [{ ...SOUND, ociVersion: undefined }, "error /ociVersion: is required (config.md#specification-version)"],
    [
      { ...SOUND, process: { ...SOUND.process, args: "sh" } },
      'error /process/args: "sh" must be an array (config.md#process); fix: write ["sh"]',
    ],
    [
      { ...SOUND, root: { path: "r", readonly: "true" } },
      'error /root/readonly: "true" must be true or false (config.md#root); fix: write true without quotes',
    ],
    [{ ...SOUND, hostname: 1 }, 'error /hostname: 1 must be a string (config.md#hostname); fix: write "1"'],
    [{ ...SOUND, mounts: null }, "error /mounts: null must be an array (config.md#mounts); fix: leave it out"],
    [
      { ...SOUND, process: { ...SOUND.process, user: { uid: 2 ** 32, gid: 0 } } },
      "error /process/user/uid: 4294967296 must be an integer from 0 to 4294967295 (config.md#posix-platform-user)",
    ],
    [
      { ...SOUND, linux: { resources: { memory: { limit: 2n ** 63n } } } },
      "error /linux/resources/memory/limit: 9223372036854775808 must be an integer from -9223372036854775808 to " +
        "9223372036854775807 (config-linux.md#memory)",
    ],
    [
      { ...SOUND, hooks: { poststop: [{ path: "/x", timeout: 0 }] } },
      "error /hooks/poststop/0/timeout: 0 must be an integer of at least 1 (config.md#posix-platform-hooks)",
    ],
    [
      { ...SOUND, linux: { namespaces: [{ type: "net" }] } },
      'error /linux/namespaces/0/type: "net" must be one of "mount", "pid", "network", "uts", "ipc", "user", "cgroup", ' +
        '"time" (config-linux.md#namespaces)',
    ],
    [
      { ...SOUND, linux: { personality: { domain: "linux23" } } },
      'error /linux/personality/domain: "linux23" must be one of "LINUX", "LINUX32" (config-linux.md#personality); ' +
        'fix: write "LINUX32"',
    ],
    [
      {
        ...SOUND,
        linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: [], action: "SCMP_ACT_LOG" }] } },
      },
      "error /linux/seccomp/syscalls/0/names: [] must have at least one entry (config-linux.md#seccomp)",
    ],
    [
      { ...SOUND, process: { ...SOUND.process, rlimits: [{ type: "NOFILE", soft: 1, hard: 1 }] } },
      'error /process/rlimits/0/type: "NOFILE" must be the name of a resource limit, such as RLIMIT_NOFILE ' +
        "(config.md#posix-process)",
    ],
    [
      { ...SOUND, linux: { resources: { memory: { limt: 5 } } } },
      'warning /linux/resources/memory/limt: 5 is ignored: the spec has no "limt" here; did you mean "limit"? ' +
        '(config.md#extensibility); fix: write "limit" for "limt"',
    ],
    [
      { ...SOUND, linux: { netDevices: {}, resources: { rdma: { dev: { hcaHandles: 1, x: {} } } } } },
      'warning /linux/resources/rdma/dev/x: {} is ignored: the spec has no "x" here (config.md#extensibility)',
    ],
    [{ ...SOUND, linux: [{}] }, "error /linux: [{}] must be an object (config-linux.md)"],
  ] as const) {
    it(`say ${text}`, () => assert.deepEqual(lines(config), [text]));
  }

  it("shorten a long value", () => {
    const [line] = lines({ ...SOUND, mounts: "x".repeat(1000) });
    assert.ok(line !== undefined && line.length < 250, line);
  });
});
