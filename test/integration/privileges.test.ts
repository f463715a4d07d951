import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { type Need, needsCapability, needsOurs, needsProgram } from "../helpers/needs.ts";
import { succeeded } from "../helpers/probe.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const needsAppArmor: Need = () => {
  try {
    return readFileSync("/sys/module/apparmor/parameters/enabled", "utf8").startsWith("Y")
      ? undefined
      : "needs AppArmor";
  } catch {
    return "needs AppArmor";
  }
};

const APPARMOR: ContainerTestOptions = { needs: [needsAppArmor, needsProgram("apparmor_parser"), needsOurs] };
const RESOURCE: ContainerTestOptions = { needs: [needsCapability("CAP_SYS_RESOURCE", 24), needsOurs] };

containerTest(
  "an AppArmor profile confines the container's process and, another one, that of exec",
  async (box) => {
    await withProfiles(box, ["outer", "inner"], async (outer, inner) => {
      box.config.process.apparmorProfile = outer;
      const output = await box.started(
        ["cat", "/proc/self/attr/current"],
        ["open", "/dev/shm/closed", "c"],
        ["open", "/dev/shm/other", "c"],
        ["sleep", "600000"],
      );
      await output.waitForOutput(/(.*\n){3}/);
      const [profile, closed, other] = box.reports(
        output.stdout,
        ["cat", "/proc/self/attr/current"],
        ["open", "/dev/shm/closed", "c"],
        ["open", "/dev/shm/other", "c"],
      );
      assert.equal(succeeded(profile), `${outer} (enforce)\n`);
      assert.deepEqual([closed, other], [{ error: "EACCES" }, { ok: true }]);
      const exec = await box.must("exec", `--apparmor=${inner}`, "/probe", "cat", "/proc/self/attr/current");
      assert.equal(JSON.parse(exec.stdout), `${inner} (enforce)\n`);
      const same = await box.must("exec", "/probe", "cat", "/proc/self/attr/current");
      assert.equal(JSON.parse(same.stdout), `${outer} (enforce)\n`);
    });
  },
  APPARMOR,
);

containerTest(
  "an AppArmor profile that is not loaded is refused by its name",
  async (box) => {
    box.config.process.apparmorProfile = `${box.id}-missing`;
    box.setCommands(["cwd"]);
    const { status, stderr } = await box.run();
    assert.notEqual(status, 0);
    assert.match(stderr, new RegExp(`${box.id}-missing`));
    await box.assertNoTraces();
  },
  APPARMOR,
);

containerTest(
  "limits above those of the runtime's caller, and a negative oom_score_adj, hold for the process and for exec",
  async (box) => {
    box.config.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 500_000, hard: 600_000 }];
    box.config.process.oomScoreAdj = -500;
    const commands = [["rlimits"], ["cat", "/proc/self/oom_score_adj"]] as const;
    const check = (stdout: string): void => {
      const [rlimits, score] = box.reports(stdout, ...commands);
      assert.deepEqual(rlimits.RLIMIT_NOFILE, [500_000, 600_000]);
      assert.equal(succeeded(score), "-500\n");
    };
    const lowered = (...args: readonly string[]) => box.program(["prlimit", "--nofile=1024:4096", ...box.argv(args)]);
    box.setCommands(...commands);
    box.writeConfig();
    check((await lowered("run", "--bundle", box.bundle, box.id)).stdout);
    await box.started(["sleep", "600000"]);
    check((await lowered("exec", box.id, "/probe", "rlimits", "--", "cat", "/proc/self/oom_score_adj")).stdout);
  },
  RESOURCE,
);

/** Loads profiles of these names that allow everything but one file, and removes them. */
async function withProfiles(
  box: TestBox,
  names: readonly [string, string],
  body: (first: string, second: string) => Promise<void>,
): Promise<void> {
  const [first, second] = [`${box.id}-${names[0]}`, `${box.id}-${names[1]}`];
  const file = box.path("profiles");
  const rules = "file, capability, network, signal, ptrace, mount, umount, unix, deny /dev/shm/closed rw,";
  const profiles = [first, second].map((name) => `profile ${name} flags=(attach_disconnected) { ${rules} }\n`);
  writeFileSync(file, profiles.join("").replaceAll("{ ", "{\n").replaceAll(", ", ",\n").replaceAll(" }", "\n}"));
  assertSuccess(await box.program(["apparmor_parser", "--skip-cache", "--add", file]));
  try {
    await body(first, second);
    await box.must("delete", "--force");
  } finally {
    await box.program(["apparmor_parser", "--skip-cache", "--remove", file]);
  }
}
