import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV1, needsProgram } from "../helpers/needs.ts";
import { probeArgs, succeeded } from "../helpers/probe.ts";
import { parseProcStatus } from "../helpers/proc-status.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const STATUS = ["cat", "/proc/self/status"] as const;
const EVERYWHERE = `0-${availableParallelism() - 1}`;
const OPTIONS: ContainerTestOptions = {
  needs: [needsProgram("taskset"), () => (availableParallelism() < 2 ? "needs two processors" : undefined)],
  peerDeviations: { runc: "before 1.3.2 the caller's affinity stays", crun: "the caller's affinity stays" },
};

containerTest(
  "a container may run on every processor, whatever its caller is bound to",
  async (box) => {
    box.setCommands(STATUS);
    box.writeConfig();
    assert.equal(await bound(box, ["run", "--bundle", box.bundle, box.id]), EVERYWHERE);
  },
  OPTIONS,
);

containerTest(
  "a container may run on every processor of its cpuset, whatever its caller is bound to",
  async (box) => {
    box.config.linux.resources = { ...box.config.linux.resources, cpu: { cpus: "1", mems: "0" } };
    box.setCommands(STATUS);
    box.writeConfig();
    assert.equal(await bound(box, ["run", "--bundle", box.bundle, box.id]), "1");
  },
  { ...OPTIONS, needs: [...(OPTIONS.needs ?? []), needsCgroupV1("cpuset")] },
);

containerTest(
  "exec may run on every processor, whatever its caller is bound to",
  async (box) => {
    const output = await box.started(["print", "up\n"], ["sleep", "60000"]);
    await output.waitForOutput(/up/);
    assert.equal(await bound(box, ["exec", box.id, "/probe", ...probeArgs(STATUS)]), EVERYWHERE);
  },
  OPTIONS,
);

/** Where the container's command may run when the runtime's caller may run on the first processor only. */
async function bound(box: TestBox, args: readonly string[]): Promise<string | undefined> {
  const result = await box.program(["taskset", "--cpu-list", "0", ...box.argv(args)]);
  assertSuccess(result);
  const [status] = box.reports(result.stdout, STATUS);
  return parseProcStatus(succeeded(status)).Cpus_allowed_list;
}
