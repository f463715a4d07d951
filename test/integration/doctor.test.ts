import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import type { HostFinding } from "../../src/runtime/index.ts";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { NEEDS_ORDINARY_USER, OrdinaryUser, USER_ID } from "../helpers/ordinary-user.ts";
import type { ProgramResult } from "../helpers/run-program.ts";

const OURS: ContainerTestOptions = { needs: [needsOurs] };
const ORDINARY: ContainerTestOptions = { needs: [needsOurs, ...NEEDS_ORDINARY_USER] };

containerTest(
  "doctor tells what the kernel says, and whether a bundle would run here",
  async (box) => {
    box.writeConfig();
    const { status, findings } = outcome(await box.runtime(["doctor", "--format", "json", "--bundle", box.bundle]));
    assert.equal(status, 0);
    assert.equal(findings.get("kernel")?.seen, `Linux ${release()}`);
    const files = readdirSync("/proc/self/ns");
    for (const type of ["uts", "ipc", "pid", "cgroup", "time"]) {
      const isTold = findings.get("namespaces")?.seen.split(", ").includes(type);
      assert.equal(isTold, files.includes(type), type);
    }
    const isUnified = !/ - cgroup /.test(readFileSync("/proc/self/mountinfo", "utf8"));
    assert.equal(findings.get("cgroups")?.seen.startsWith("v2"), isUnified);
    assert.equal(findings.get("bundle")?.status, "ok");
  },
  OURS,
);

containerTest(
  "doctor names the key of a bundle that would not run, and ends with 1 as run does",
  async (box) => {
    box.config.process.args = ["/nosuch"];
    box.writeConfig();
    const { status, stdout } = await box.runtime(["doctor", "-b", box.bundle]);
    assert.equal(status, 1);
    assert.match(stdout, /^missing +bundle \/process\/args\/0 +"\/nosuch" is no program of the root filesystem/m);
    assert.match(stdout, /^no container can run here as it is: /m);
    assert.notEqual((await box.run()).status, 0);
  },
  OURS,
);

containerTest(
  "doctor of an ordinary user tells of that user, with the line that gives it ids",
  async (box) => {
    const user = new OrdinaryUser(box);
    const { status, findings } = outcome(await user.runtime(["doctor", "--format", "json"]));
    assert.equal(status, 0);
    assert.match(findings.get("caller")?.seen ?? "", new RegExp(`uid ${USER_ID}`));
    assert.equal(findings.get("user ids")?.fix, 'add the line "mdr-test-user:100000:65536" to /etc/subuid');
    const line = [user.runtimePath, "--root", box.stateRoot, "doctor", "--format", "json"];
    const hidden = outcome(await user.program(["env", "PATH=/nowhere", ...line]));
    assert.equal(hidden.findings.get("group ids")?.seen, "newgidmap is not installed");
  },
  ORDINARY,
);

function outcome({ status, stdout, stderr }: ProgramResult) {
  assert.equal(stderr, "");
  const { canRun, facts } = JSON.parse(stdout) as { canRun: boolean; facts: readonly HostFinding[] };
  assert.equal(canRun, status === 0);
  return { status, findings: new Map(facts.map((finding) => [finding.name, finding])) };
}
