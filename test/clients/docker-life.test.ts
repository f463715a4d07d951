import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../helpers/clients-checks.ts";
import { Docker } from "../helpers/clients-docker.ts";
import { IMAGE } from "../helpers/clients-image.ts";
import { CGROUP_FILES, COUNT, NOT_EXECUTABLE, SELF, WAIT } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

testClient("docker's other commands", {
  programs: Docker.programs,
  packages: Docker.packages,
  open: Docker.open,
  steps: {
    "exec hands on input, output and the exit status": async (docker) => {
      const name = await docker.ready("", WAIT);
      const script = "read line; echo out $line; echo err >&2; exit 6";
      const { status, stdout, stderr } = await docker.engine(["exec", "-i", name, "sh", "-c", script], {
        stdin: "in\n",
      });
      assert.deepEqual({ status, stdout, stderr }, { status: 6, stdout: "out in\n", stderr: "err\n" });
      await docker.remove(name);
    },
    "exec shows a process the same as with runc": async (docker) => {
      const name = await docker.ready("--cap-drop CHOWN --env A=1", WAIT);
      const plain = await docker.ok("exec", name, "sh", "-c", SELF);
      const flags = ["--user", "5:6", "--workdir", "/tmp", "--env", "B=2"];
      const changed = await docker.ok("exec", ...flags, name, "sh", "-c", SELF);
      await docker.remove(name);
      return [plain, changed];
    },
    "exec -it is a terminal of the right size": async (docker) => {
      const name = await docker.ready("", WAIT);
      const terminal = docker.terminal("exec", "-it", name, "sh");
      await terminal.waitFor(/# /);
      terminal.type("tty; stty size; exit 5\n");
      await terminal.waitFor(/\/dev\/pts\/0\r\n24 80/);
      assert.equal((await terminal.ended()).status, 5);
      await docker.remove(name);
    },
    "exec -d goes on in the background": async (docker) => {
      const name = await docker.ready("", WAIT);
      await docker.ok("exec", "--detach", name, "sh", "-c", "sleep 0.1; echo done > /tmp/done");
      await eventually(
        "it is done",
        async () => (await docker.engine(["exec", name, "cat", "/tmp/done"])).status === 0,
      );
      await docker.remove(name);
    },
    "exec says why a command cannot be executed": async (docker) => {
      const name = await docker.ready("", WAIT);
      const statuses = [];
      for (const [, command] of NOT_EXECUTABLE) {
        const { status, stdout, stderr } = await docker.engine(["exec", name, command]);
        statuses.push(status);
        assert.ok((stdout + stderr).includes(command), stdout + stderr);
      }
      await docker.remove(name);
      return statuses;
    },
    "stop lets the container end by itself, or kills it": async (docker) => {
      const name = await docker.ready("", WAIT);
      await docker.ok("stop", name);
      assert.equal(await docker.inspect(name, "State.ExitCode"), "9");
      const other = await docker.ready("", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
      await docker.ok("stop", "--time", "1", other);
      assert.equal(await docker.inspect(other, "State.ExitCode"), "137");
      await docker.remove(name);
      await docker.remove(other);
    },
    "restart starts it again": async (docker) => {
      const name = await docker.ready("", `echo begun; ${WAIT}`);
      await docker.ok("restart", name);
      await docker.logged(name, /begun\nready\nbegun\nready/);
      assert.equal(await docker.inspect(name, "State.Status"), "running");
      await docker.remove(name);
    },
    "--restart on-failure starts it again by itself": async (docker) => {
      const name = await docker.started("--restart on-failure:2", "echo begun; exit 3");
      await eventually("it gave up", async () => (await docker.inspect(name, "State.Status")) === "exited");
      assert.equal(await docker.inspect(name, "RestartCount"), "2");
      await docker.remove(name);
    },
    "kill sends a signal by name": async (docker) => {
      const name = await docker.ready("", "trap 'echo one' USR1; echo ready; while :; do sleep 0.05; done");
      await docker.ok("kill", "--signal", "USR1", name);
      await docker.logged(name, /one/);
      await docker.ok("kill", name);
      assert.equal(await docker.ok("wait", name), "137");
      await docker.remove(name);
    },
    "pause and unpause": async (docker) => {
      const name = await docker.ready("", COUNT);
      await docker.ok("pause", name);
      assert.equal(await docker.inspect(name, "State.Status"), "paused");
      const before = await docker.ok("logs", name);
      await delay(200);
      assert.equal(await docker.ok("logs", name), before);
      assert.equal((await docker.engine(["exec", name, "true"])).status, 1);
      await docker.ok("unpause", name);
      await eventually("it counts again", async () => (await docker.ok("logs", name)) !== before);
      await docker.remove(name);
    },
    "update changes the limits of a running container": async (docker) => {
      const name = await docker.ready("-m 64m", WAIT);
      await docker.ok(
        "update",
        "--memory",
        "128m",
        "--memory-swap",
        "-1",
        "--cpus",
        "0.25",
        "--pids-limit",
        "77",
        name,
      );
      const script = `${CGROUP_FILES.memoryLimit}; ${CGROUP_FILES.cpuQuota}; ${CGROUP_FILES.pidsLimit}`;
      const [memory, quota, pids] = (await docker.ok("exec", name, "sh", "-c", script)).split("\n");
      await docker.remove(name);
      assert.deepEqual([memory, quota?.slice(0, 5), pids], [String(128 << 20), "25000", "77"]);
    },
    "update says what the kernel refuses": async (docker) => {
      const name = await docker.ready("-m 64m", WAIT);
      const { status, stderr } = await docker.engine(["update", "--cpuset-cpus", "4000", name]);
      await docker.remove(name);
      assert.notEqual(status, 0);
      return /cpuset|CPU/.test(stderr);
    },
    "stats --no-stream shows the use": async (docker) => {
      const name = await docker.ready("-m 64m", WAIT);
      const stats = await docker.ok("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.PIDs}}", name);
      await docker.remove(name);
      assert.match(stats, new RegExp(`^${name} [\\d.]+[KM]iB / 64MiB [1-9]$`));
    },
    "top shows the processes": async (docker) => {
      const name = await docker.ready("", "sleep 77 & echo ready; wait");
      const shown = await docker.ok("top", name, "-o", "pid,user,args");
      await docker.remove(name);
      assert.match(shown, /\d+ +root +sh -c sleep 77[^\n]+\n\d+ +root +sleep 77$/);
    },
    "rm --force removes a running container, and a paused one": async (docker) => {
      await docker.remove(await docker.ready("", WAIT));
      const name = await docker.ready("", WAIT);
      await docker.ok("pause", name);
      await docker.remove(name);
    },
    "a container that was created only can be removed, or started": async (docker) => {
      const [first, second] = [docker.name(), docker.name()];
      for (const name of [first, second])
        await docker.ok("create", "--name", name, ...docker.flags(""), IMAGE, "false");
      await docker.remove(first);
      assert.equal((await docker.engine(["start", "--attach", second])).status, 1);
      await docker.remove(second);
    },
    "notices that a container was killed from outside": async (docker) => {
      const name = await docker.ready("", WAIT);
      await docker.sandbox.output(["kill", "-KILL", await docker.inspect(name, "State.Pid")]);
      assert.equal(await docker.ok("wait", name), "137");
      await docker.ok("start", name);
      await docker.remove(name);
    },
    "healthchecks run": async (docker) => {
      const name = await docker.ready("--health-interval 500ms --health-retries 1 --health-cmd /tmp/healthy", WAIT);
      const isHealth = (health: string) => async () => (await docker.inspect(name, "State.Health.Status")) === health;
      await eventually("it is unhealthy", isHealth("unhealthy"));
      await docker.ok("exec", name, "sh", "-c", "echo '#!/bin/sh' > /tmp/healthy; chmod 755 /tmp/healthy");
      await eventually("it is healthy", isHealth("healthy"));
      await docker.remove(name);
    },
    "build carries out RUN with the default runtime": async (docker) => {
      const directory = join(docker.sandbox.shared, docker.name());
      mkdirSync(directory);
      writeFileSync(join(directory, "file"), "copied\n");
      const runs = ["RUN cat /file > /made && id -u >> /made", "USER 5:6", "RUN id -u > /tmp/user"];
      writeFileSync(join(directory, "Dockerfile"), `${[`FROM ${IMAGE}`, "COPY file /file", ...runs].join("\n")}\n`);
      const image = docker.name();
      await docker.ok("build", "--network", "none", "--tag", image, directory);
      const shown = await docker.ok("run", "--rm", "--network", "none", image, "cat", "/made", "/tmp/user");
      assert.equal(shown, "copied\n0\n5");
      await docker.ok("image", "rm", image);
    },
    "commit pauses the container meanwhile": async (docker) => {
      const name = await docker.ready("", `echo kept > /file; ${WAIT}`);
      const image = docker.name();
      await docker.ok("commit", name, image);
      assert.equal(await docker.ok("run", "--rm", ...docker.flags(""), image, "cat", "/file"), "kept");
      await docker.remove(name);
    },
  },
});
