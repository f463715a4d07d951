import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCapability, needsOurs, needsProgram } from "../helpers/needs.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const OURS: ContainerTestOptions = { needs: [needsOurs] };

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly pointer: string;
  readonly line: number;
}

containerTest(
  "validate finds nothing wrong with a config that works",
  async (box) => {
    const result = await validate(box);
    assert.deepEqual(result, { status: 0, stdout: "config.json: 0 errors, 0 warnings\n", stderr: "" });
  },
  OURS,
);

const COMMAND_CASES: Readonly<Record<string, (box: TestBox) => void>> = {
  "that a mount brings": (box) => {
    mkdirSync(box.path("tools"));
    box.config.mounts.push({ destination: "/opt", source: box.path("tools"), options: ["bind"] });
    box.config.process.args = ["/opt/tool"];
  },
  "that a hook may bring": (box) => {
    box.config.hooks = { createRuntime: [{ path: "/bin/true" }] };
    box.config.process.args = ["tool"];
  },
  "behind an absolute link of the root": (box) => {
    symlinkSync("/probe", box.inRootfs("etc/tool"));
    box.config.process.args = ["/etc/tool"];
  },
  "below its working directory": (box) => {
    box.config.process.cwd = "/etc";
    box.config.process.args = ["../probe"];
  },
};

for (const [what, change] of Object.entries(COMMAND_CASES)) {
  containerTest(
    `validate finds nothing wrong with a command ${what}`,
    async (box) => {
      change(box);
      assert.equal((await validate(box)).stdout, "config.json: 0 errors, 0 warnings\n");
    },
    OURS,
  );
}

interface HostCase {
  readonly what: string;
  readonly change: (box: TestBox) => void;
  readonly code: string;
  readonly pointer: string;
  readonly test?: ContainerTestOptions;
}

/** What is wrong on this host only: create fails with all of them. */
const HOST_CASES: readonly HostCase[] = [
  {
    what: "a root that is not there",
    change: ({ config }) => {
      config.root.path = "nowhere";
    },
    code: "ROOT_MISSING",
    pointer: "/root/path",
  },
  {
    what: "a command that is not there",
    change: ({ config }) => {
      config.process.args = ["nosuchcommand"];
    },
    code: "COMMAND_MISSING",
    pointer: "/process/args/0",
  },
  {
    what: "a command that is no program",
    change: (box) => {
      writeFileSync(box.inRootfs("etc/text"), "", { mode: 0o644 });
      box.config.process.args = ["/etc/text"];
    },
    code: "COMMAND_MISSING",
    pointer: "/process/args/0",
  },
  {
    what: "a command whose link leads to nothing in the root",
    change: (box) => {
      symlinkSync("/bin/sh-of-the-host", box.inRootfs("etc/sh"));
      box.config.process.args = ["../../etc/sh"];
    },
    code: "COMMAND_MISSING",
    pointer: "/process/args/0",
  },
  {
    what: "a bind mount's source that is not there",
    change: ({ config }) => config.mounts.push({ destination: "/mnt", source: "nowhere", options: ["bind"] }),
    code: "HOST_PATH_MISSING",
    pointer: "/mounts/7/source",
  },
  {
    what: "a hook that is not there",
    change: (box) => {
      box.config.hooks = { createRuntime: [{ path: box.path("nowhere") }] };
    },
    code: "HOST_PATH_MISSING",
    pointer: "/hooks/createRuntime/0/path",
  },
  {
    what: "a namespace that is not there",
    change: (box) => box.config.linux.namespaces.push({ type: "cgroup", path: box.path("nowhere") }),
    code: "HOST_PATH_MISSING",
    pointer: "/linux/namespaces/5/path",
  },
  {
    what: "a network device that is not there",
    change: ({ config }) => {
      config.linux.netDevices = { nosuchdevice: {} };
    },
    code: "HOST_PATH_MISSING",
    pointer: "/linux/netDevices/nosuchdevice",
  },
  {
    what: "a setting of a controller that is not there",
    change: ({ config }) => {
      config.linux.resources.unified = { "nosuch.max": "1" };
    },
    code: "CGROUP_UNIFIED_CONTROLLER",
    pointer: "/linux/resources/unified/nosuch.max",
  },
  {
    what: "a filter that contradicts itself",
    change: ({ config }) => {
      config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_S390X"] };
    },
    code: "SECCOMP_ARCH",
    pointer: "/linux/seccomp/architectures/0",
  },
  {
    what: "a hard limit that nobody here can set",
    change: ({ config }) => {
      config.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 1, hard: 2 ** 30 }];
    },
    code: "RLIMIT_RAISED",
    pointer: "/process/rlimits/0/hard",
    test: { needs: [needsOurs, () => unlessMissing(needsCapability("CAP_SYS_RESOURCE", 24)())] },
  },
];

for (const { what, change, code, pointer, test = OURS } of HOST_CASES) {
  containerTest(
    `validate finds ${what}, which create fails for`,
    async (box) => {
      change(box);
      const { status, stdout } = await validate(box, "--format", "json");
      assert.equal(status, 1);
      const { valid, hostChecked, findings } = JSON.parse(stdout);
      assert.deepEqual([valid, hostChecked], [false, true]);
      const [finding, ...more]: readonly Finding[] = findings;
      assert.deepEqual(more, []);
      assert.deepEqual([finding?.severity, finding?.code, finding?.pointer], ["error", code, pointer]);
      const line = readFileSync(join(box.bundle, "config.json"), "utf8").split("\n")[(finding?.line ?? 0) - 1];
      const member = pointer.slice(pointer.lastIndexOf("/") + 1);
      if (!/^\d+$/.test(member)) assert.ok(line?.includes(`"${member}"`), line);
      assert.notEqual((await box.create()).status, 0);
    },
    test,
  );
}

containerTest(
  "validate needs no root, and tells what only root can do as warnings",
  async (box) => {
    box.writeConfig();
    assertSuccess(await box.program(["chmod", "0755", box.directory]));
    const [runtime = ""] = box.argv([]);
    const argv = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", runtime, "validate"];
    const result = await box.program([...argv, "--bundle", box.bundle, "--format", "json"]);
    assert.deepEqual([result.status, result.stderr], [0, ""]);
    const findings: readonly Finding[] = JSON.parse(result.stdout).findings;
    assert.ok(findings.some(({ pointer }) => pointer.startsWith("/linux")));
    assert.ok(findings.every(({ severity }) => severity === "warning"));
  },
  { needs: [needsOurs, needsProgram("setpriv")] },
);

containerTest(
  "validate refuses a directory without a config.json",
  async (box) => {
    const result = await box.runtime(["validate", "--bundle", box.bundle]);
    assert.deepEqual([result.status, result.stdout], [1, ""]);
    assert.match(result.stderr, /config\.json/);
  },
  OURS,
);

/** Runs validate in the bundle's directory. */
async function validate(box: TestBox, ...flags: readonly string[]): Promise<ProgramResult> {
  box.writeConfig();
  const [runtime = ""] = box.argv([]);
  return await box.program([runtime, "validate", ...flags], { cwd: box.bundle });
}

/** Turns a need round. */
function unlessMissing(reason: string | undefined): string | undefined {
  return reason === undefined ? "needs a host without CAP_SYS_RESOURCE" : undefined;
}
