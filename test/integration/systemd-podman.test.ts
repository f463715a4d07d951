import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { IMAGE, makeImageArchive } from "../helpers/clients-image.ts";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV2, needsOurs, needsProgram, needsSystemd } from "../helpers/needs.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";
import { unitProperties } from "../helpers/systemd.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { until } from "../helpers/until.ts";

const OPTIONS: ContainerTestOptions = {
  needs: [needsSystemd, needsCgroupV2("memory"), needsProgram("podman"), needsProgram("conmon"), needsOurs],
};

containerTest(
  "podman with systemd's cgroups runs, execs in, pauses, updates and removes a container",
  async (box) => {
    mkdirSync(box.path("image"));
    await podman(box, "load", "--input", makeImageArchive(box.path("image")));
    const limits = ["--memory=64m", "--pids-limit=50", "--cpus=0.5"];
    const flags = ["--detach", "--network=none", "--ulimit=nofile=1024:1024", "--log-driver=k8s-file", ...limits];
    const id = await podman(box, "run", ...flags, "--name", box.id, IMAGE, "sleep", "600000");
    const unit = `libpod-${id}.scope`;
    const { Slice, MemoryMax, TasksMax } = await unitProperties(box, unit, "Slice", "MemoryMax", "TasksMax");
    assert.deepEqual([Slice, MemoryMax, TasksMax], ["machine.slice", "67108864", "50"]);
    assert.match(await podman(box, "exec", box.id, "cat", "/proc/self/cgroup"), /^0::\//);
    await podman(box, "pause", box.id);
    assert.equal(await podman(box, "inspect", "--format={{.State.Status}}", box.id), "paused");
    await podman(box, "unpause", box.id);
    await podman(box, "update", "--memory=80m", box.id);
    assert.deepEqual(await unitProperties(box, unit, "MemoryMax"), { MemoryMax: "83886080" });
    await podman(box, "rm", "--force", "--time=0", box.id);
    assert.equal(await units(box, unit), "");
    // conmon's own goes with its process, which may be at its last words.
    await until("conmon has gone", async () => (await units(box, `*${id}*`)) === "");
    await storeUnmounted(box);
  },
  OPTIONS,
);

/** What systemd knows of units, running or not. */
async function units(box: TestBox, pattern: string): Promise<string> {
  return (await box.program(["systemctl", "list-units", "--all", "--plain", "--no-legend", pattern])).stdout;
}

/** podman's own mount goes with the last of its processes; the one that conmon starts for cleaning up may still be there. */
async function storeUnmounted(box: TestBox): Promise<void> {
  const store = box.path("storage/overlay");
  for (let tries = 0; tries < 20 && box.traces().mounts.includes(store); tries++) await podman(box, "ps");
}

async function podman(box: TestBox, ...args: readonly string[]): Promise<string> {
  const storage = ["--root", box.path("storage"), "--runroot", box.path("run"), "--tmpdir", box.path("tmp")];
  const manager = ["--cgroup-manager=systemd", "--events-backend=file", "--runtime", RUNTIME.path];
  const result = await box.program(["podman", ...storage, ...manager, ...args], { env: { HOME: "/root" } });
  assertSuccess(result);
  return result.stdout.trim();
}
