import assert from "node:assert/strict";
import { eventually } from "../helpers/clients-checks.ts";
import { Cri } from "../helpers/clients-cri.ts";
import { CGROUP_FILES, SELF, WAIT } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

testClient("containerd for Kubernetes", {
  programs: Cri.programs,
  packages: Cri.packages,
  open: Cri.open,
  steps: {
    "a pod's containers run, and share its namespaces": async (cri) => {
      const pod = await cri.startPod();
      const [first, second] = [await started(cri, pod, "sleep 77"), await started(cri, pod, "sleep 78")];
      const look = "for of in net ipc uts pid mnt; do readlink /proc/self/ns/$of; done";
      const [one, other] = [await cri.exec(first, "sh", "-c", look), await cri.exec(second, "sh", "-c", look)];
      const namespaces = [one.stdout.split("\n"), other.stdout.split("\n")] as const;
      assert.deepEqual(namespaces[0].slice(0, 3), namespaces[1].slice(0, 3));
      assert.notEqual(namespaces[0][3], namespaces[1][3]);
      await cri.removePod(pod);
    },
    "a container shows a process the same as with runc": async (cri) => {
      const pod = await cri.startPod();
      const container = await started(cri, pod, WAIT);
      const { stdout } = await cri.exec(container, "sh", "-c", SELF);
      await cri.removePod(pod);
      return stdout;
    },
    "exec hands on output and the exit status": async (cri) => {
      const pod = await cri.startPod();
      const container = await started(cri, pod, WAIT);
      const result = await cri.exec(container, "sh", "-c", "echo out; echo err >&2; exit 6");
      assert.deepEqual(result, { stdout: "out\n", stderr: "err\n", status: 6 });
      await cri.removePod(pod);
    },
    "resources limit a container, and can be changed": async (cri) => {
      const pod = await cri.startPod();
      const resources = { 1: 100_000, 2: 50_000, 3: 512, 4: 64 << 20, 5: 500 };
      const container = await started(cri, pod, WAIT, resources);
      const script = `${CGROUP_FILES.memoryLimit}; ${CGROUP_FILES.cpuQuota}; cat /proc/1/oom_score_adj`;
      const before = (await cri.exec(container, "sh", "-c", script)).stdout;
      assert.match(before, /^67108864\n50000.*\n500\n$/);
      await cri.updateMemory(container, 128 << 20);
      const after = (await cri.exec(container, "sh", "-c", script)).stdout;
      assert.match(after, /^134217728\n/);
      await cri.removePod(pod);
    },
    "stop lets a container end by itself, or kills it": async (cri) => {
      const pod = await cri.startPod();
      const [polite, stubborn] = [
        await started(cri, pod, WAIT),
        await started(cri, pod, "trap '' TERM; sleep 77; sleep 78"),
      ];
      await cri.exec(stubborn, "sleep", "0.3");
      await cri.stop(polite, 10);
      await cri.stop(stubborn, 1);
      assert.equal((await cri.status(polite)).exitStatus, 9);
      assert.equal((await cri.status(stubborn)).exitStatus, 137);
      await cri.removePod(pod);
    },
    "a container that ends is noticed": async (cri) => {
      const pod = await cri.startPod();
      const container = await started(cri, pod, "exit 3");
      await eventually("it has ended", async () => (await cri.status(container)).state === "exited");
      const { exitStatus, reason } = await cri.status(container);
      await cri.removePod(pod);
      assert.equal(exitStatus, 3);
      return reason;
    },
    "a command that cannot be executed is told with its name": async (cri) => {
      const pod = await cri.startPod();
      const container = await cri.create(pod, ["/no/such"]);
      await assert.rejects(cri.start(container), /\/no\/such.*no such file or directory/);
      const { state, exitStatus, reason } = await cri.status(container);
      await cri.removePod(pod);
      return { state, exitStatus, reason };
    },
  },
});

async function started(cri: Cri, pod: string, script: string, resources = {}): Promise<string> {
  const container = await cri.create(pod, ["sh", "-c", script], resources);
  await cri.start(container);
  return container;
}
