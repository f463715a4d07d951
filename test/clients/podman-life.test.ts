import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { IMAGE } from "../helpers/clients-image.ts";
import { Podman } from "../helpers/clients-podman.ts";
import { CGROUP_FILES, COUNT, WAIT } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

testClient("podman's other commands", {
  programs: Podman.programs,
  packages: Podman.packages,
  open: Podman.open,
  steps: {
    "create, init, start and restart": async (podman) => {
      const name = podman.name();
      await podman.ok("create", "--name", name, ...podman.flags(""), IMAGE, "sh", "-c", "echo here; exit 3");
      await podman.ok("init", name);
      assert.equal(await podman.inspect(name, "State.Status"), "initialized");
      const { status, stdout } = await podman.engine(["start", "--attach", name]);
      assert.deepEqual({ status, stdout }, { status: 3, stdout: "here\n" });
      await podman.ok("restart", name);
      await podman.ok("wait", name);
      assert.equal(await podman.ok("logs", name), "here\nhere");
    },
    "rm removes a container that was never started": async (podman) => {
      const name = podman.name();
      await podman.ok("create", "--name", name, ...podman.flags(""), IMAGE, "true");
      await podman.ok("init", name);
      await podman.ok("rm", "--force", name);
    },
    "stop lets the container end by itself": async (podman) => {
      const name = await podman.ready("", WAIT);
      await podman.ok("stop", name);
      assert.equal(await podman.inspect(name, "State.ExitCode"), "9");
      assert.equal(await podman.inspect(name, "State.Status"), "exited");
    },
    "stop kills a container that does not": async (podman) => {
      const name = await podman.ready("", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
      await podman.ok("stop", "--time", "1", name);
      assert.equal(await podman.inspect(name, "State.ExitCode"), "137");
    },
    "kill sends a signal by name and by number": async (podman) => {
      const script = "trap 'echo one' USR1; trap 'echo two; exit 2' 12; echo ready; while :; do sleep 0.05; done";
      const name = await podman.ready("", script);
      await podman.ok("kill", "--signal", "USR1", name);
      await podman.logged(name, /one/);
      await podman.ok("kill", "--signal", "12", name);
      assert.equal(await podman.ok("wait", name), "2");
    },
    "kill ends a container that shares the pid namespace": async (podman) => {
      const name = await podman.ready("--pid host", "sleep 1000 & echo ready; wait");
      await podman.ok("kill", name);
      assert.equal(await podman.ok("wait", name), "137");
    },
    "pause and unpause": async (podman) => {
      const name = await podman.ready("", COUNT);
      await podman.ok("pause", name);
      assert.equal(await podman.inspect(name, "State.Status"), "paused");
      const before = await podman.ok("logs", name);
      await delay(200);
      assert.equal(await podman.ok("logs", name), before);
      assert.notEqual((await podman.engine(["exec", name, "true"])).status, 0);
      await podman.ok("unpause", name);
      await delay(200);
      assert.notEqual(await podman.ok("logs", name), before);
    },
    "rm --force removes a running container, and a paused one": async (podman) => {
      await podman.remove(await podman.started("", WAIT));
      const name = await podman.started("", WAIT);
      await podman.ok("pause", name);
      await podman.remove(name);
      assert.equal((await podman.engine(["container", "exists", name])).status, 1);
    },
    "logs -f follows": async (podman) => {
      const name = await podman.started("", "for i in 1 2 3; do echo $i; sleep 0.2; done");
      assert.equal(await podman.ok("logs", "--follow", name), "1\n2\n3");
    },
    "top shows the processes": async (podman) => {
      const name = await podman.ready("", "sleep 77 & echo ready; wait");
      return await podman.ok("top", name, "user", "comm", "args", "capeff");
    },
    "stats --no-stream shows the use": async (podman) => {
      const name = await podman.ready("-m 64m --pids-limit 50", WAIT);
      const stats = await podman.ok("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.PIDs}}", name);
      assert.match(stats, new RegExp(`^${name} [\\d.]+[kM]B / 67\\.1\\dMB [1-9]$`));
    },
    "update changes the limits of a running container": async (podman) => {
      const name = await podman.ready("-m 64m", WAIT);
      await podman.ok("update", "--memory", "128m", "--cpus", "0.25", name);
      assert.equal(await podman.ok("exec", name, "sh", "-c", CGROUP_FILES.memoryLimit), String(128 << 20));
      assert.match(await podman.ok("exec", name, "sh", "-c", CGROUP_FILES.cpuQuota), /^25000/);
    },
    "update says what the kernel refuses": async (podman) => {
      const name = await podman.ready("", WAIT);
      const { status, stderr } = await podman.engine(["update", "--cpuset-cpus", "4000", name]);
      assert.notEqual(status, 0);
      assert.match(stderr, /cpuset.cpus/);
    },
    "inspect names the runtime and what the container does": async (podman) => {
      const name = await podman.ready("", WAIT);
      assert.equal(await podman.inspect(name, "OCIRuntime"), podman.runtime.path);
      const pid = await podman.inspect(name, "State.Pid");
      assert.match(await podman.sandbox.output(["cat", `/proc/${pid}/comm`]), /^sh$/);
    },
    "notices that a container was killed from outside": async (podman) => {
      const name = await podman.ready("", WAIT);
      await podman.sandbox.output(["kill", "-KILL", await podman.inspect(name, "State.Pid")]);
      assert.equal(await podman.ok("wait", name), "137");
      await podman.ok("start", name);
      assert.equal(await podman.inspect(name, "State.Status"), "running");
    },
    "commit pauses the container meanwhile": async (podman) => {
      const name = await podman.ready("", `echo kept > /file; ${WAIT}`);
      const image = `localhost/${podman.name()}`;
      await podman.ok("commit", "--pause", name, image);
      assert.equal(await podman.ok("run", "--rm", ...podman.flags(""), image, "cat", "/file"), "kept");
      assert.equal(await podman.inspect(name, "State.Status"), "running");
    },
    "pod shares namespaces": async (podman) => {
      const pod = podman.name();
      await podman.ok("pod", "create", "--infra=false", "--cgroup-parent", `/${podman.sandbox.mark}`, pod);
      const name = podman.name();
      const flags = ["--detach", "--name", name, "--pod", pod, ...podman.flags("")];
      await podman.ok("run", ...flags, IMAGE, "sh", "-c", WAIT);
      await podman.ok("pod", "pause", pod);
      await podman.ok("pod", "unpause", pod);
      await podman.ok("pod", "rm", "--force", "--time", "0", pod);
    },
    "container checkpoint and restore": async (podman) => {
      const name = await podman.ready("", COUNT);
      await podman.ok("container", "checkpoint", name);
      await podman.ok("container", "restore", name);
      assert.equal(await podman.inspect(name, "State.Status"), "running");
    },
  },
});
