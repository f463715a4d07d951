import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Docker } from "../helpers/clients-docker.ts";
import { IMAGE } from "../helpers/clients-image.ts";
import { CGROUP_FILES, FILES, NOT_EXECUTABLE, retried, SELF, WAIT } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

testClient("docker run", {
  programs: Docker.programs,
  packages: Docker.packages,
  open: Docker.open,
  steps: {
    "info names the runtime": async (docker) => {
      assert.match(await docker.ok("info", "--format", "{{json .Runtimes}}"), /"mydocker":/);
    },
    "run hands on the output, the errors and the exit status": async (docker) => {
      const { status, stdout, stderr } = await docker.run("", ["sh", "-c", "echo out; echo err >&2; exit 7"]);
      assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: "out\n", stderr: "err\n" });
    },
    "run -i hands on standard input": async (docker) => {
      assert.equal((await docker.run("-i", ["sort"], { stdin: "b\na\n" })).stdout, "a\nb\n");
    },
    "run shows a process the same as with runc": (docker) => docker.prints("", SELF),
    "run shows the files the same as with runc": (docker) => docker.prints("", FILES),
    "run -it is a terminal of the right size, which follows": async (docker) => {
      const terminal = docker.terminal("run", "--rm", "-it", ...docker.flags(""), IMAGE, "sh");
      await terminal.waitFor(/# /);
      terminal.type("tty; stty size\n");
      await terminal.waitFor(/\/dev\/pts\/0\r\n24 80/);
      terminal.resize(30, 100);
      terminal.type("sleep 0.2; stty size; exit 5\n");
      await terminal.waitFor(/30 100/);
      assert.equal((await terminal.ended()).status, 5);
    },
    "run -it hands on Ctrl-C, and detaches by keys": async (docker) => {
      const name = docker.name();
      const script = "trap 'echo interrupted' INT; echo ready; while :; do sleep 0.05; done";
      const terminal = docker.terminal("run", "-it", "--name", name, ...docker.flags(""), IMAGE, "sh", "-c", script);
      await terminal.waitFor(/ready/);
      terminal.type("\u0003");
      await terminal.waitFor(/interrupted/);
      terminal.type("\u0010\u0011");
      assert.equal((await terminal.ended()).status, 0);
      assert.equal(await docker.inspect(name, "State.Status"), "running");
      await docker.remove(name);
    },
    "run -d, logs -f, wait and inspect": async (docker) => {
      const name = await docker.started(
        "",
        "until [ -e /go ]; do sleep 0.1; done; for i in 1 2 3; do echo $i; done; exit 4",
      );
      assert.equal(await docker.inspect(name, "State.Status"), "running");
      await docker.ok("exec", name, "touch", "/go");
      assert.equal(await docker.ok("logs", "--follow", name), "1\n2\n3");
      assert.equal(await docker.ok("wait", name), "4");
      assert.equal(await docker.inspect(name, "State.Status"), "exited");
      await docker.ok("rm", name);
    },
    "run on the bridge network connects containers, and publishes a port": async (docker) => {
      const server = await docker.started("--publish 18081:80", "echo hello > index.html; httpd -f -p 80");
      const address = await docker.inspect(server, "NetworkSettings.IPAddress");
      assert.equal(await docker.prints("--network bridge", retried(`wget -qO- http://${address}`)), "hello");
      const fetch = retried("busybox wget -qO- http://127.0.0.1:18081");
      assert.equal(await docker.sandbox.output(["sh", "-c", fetch]), "hello");
      await docker.remove(server);
    },
    "run -m, --cpus and --pids-limit limit": async (docker) => {
      const script = `${CGROUP_FILES.memoryLimit}; ${CGROUP_FILES.cpuQuota}; ${CGROUP_FILES.pidsLimit}`;
      const [memory, quota, pids] = (await docker.prints("-m 64m --cpus 0.5 --pids-limit 23", script)).split("\n");
      assert.equal(memory, String(64 << 20));
      assert.match(quota ?? "", /^50000/);
      assert.equal(pids, "23");
    },
    "tells that a container was killed for want of memory": async (docker) => {
      const name = await docker.started("-m 16m", "sleep 0.5; dd if=/dev/zero of=/dev/null bs=64M count=1");
      assert.equal(await docker.ok("wait", name), "137");
      assert.equal(await docker.inspect(name, "State.OOMKilled"), "true");
      await docker.remove(name);
    },
    "run --read-only and --tmpfs": (docker) =>
      docker.prints("--read-only --tmpfs /x:size=1m,mode=700", "touch /y 2>&1; touch /x/y; grep ' /x ' /proc/mounts"),
    "run -v and --mount": async (docker) => {
      const directory = join(docker.sandbox.inside, docker.name());
      await docker.sandbox.output(["sh", "-c", `mkdir ${directory} && echo text > ${directory}/file`]);
      const flags = `-v ${directory}:/a -v ${directory}/file:/etc/group:ro --mount type=bind,src=${directory},dst=/b,readonly`;
      const script = "cat /a/file /etc/group; echo new > /a/other; cat /b/other; touch /b/x 2>&1; true";
      const shown = await docker.prints(`${flags} -v ${docker.name()}:/var/volume`, script);
      assert.equal(shown, "text\ntext\nnew\ntouch: /b/x: Read-only file system");
    },
    "run --user, --group-add, --env, --workdir and --hostname": (docker) =>
      docker.prints("--user 5:6 --group-add 7 --env A=1 --workdir /tmp --hostname here", "id; echo $A; pwd; hostname"),
    "run --cap-drop and --cap-add": async (docker) => {
      const script = "grep Cap /proc/self/status";
      assert.match(await docker.prints("--cap-drop ALL", script), /CapBnd:\t0000000000000000/);
      return await docker.prints("--cap-add NET_ADMIN --cap-drop CHOWN --security-opt no-new-privileges", script);
    },
    "run --security-opt seccomp=FILE loads a filter": async (docker) => {
      const profile = join(docker.sandbox.shared, "seccomp.json");
      const rule = { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 };
      writeFileSync(profile, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] }));
      assert.match(await docker.prints(`--security-opt seccomp=${profile}`, "mkdir /x 2>&1; true"), /No space left/);
    },
    "run --ulimit, --sysctl, --shm-size, --device and --oom-score-adj": (docker) =>
      docker.prints(
        "--ulimit nofile=100:200 --sysctl kernel.shmmax=65536 --shm-size 2m --device /dev/fuse --oom-score-adj 500",
        "ulimit -n; ulimit -Hn; cat /proc/sys/kernel/shmmax; grep /dev/shm /proc/mounts; stat -c %t:%T:%a /dev/fuse; cat /proc/self/oom_score_adj",
      ),
    "run --pid, --ipc and --uts host": async (docker) => {
      const script = "for of in pid ipc uts; do readlink /proc/self/ns/$of; done";
      const expected = await docker.sandbox.output(["sh", "-c", script]);
      assert.equal(await docker.prints("--pid host --ipc host --uts host", script), expected);
    },
    "run --network and --pid container:": async (docker) => {
      const first = await docker.ready("", WAIT);
      const script = "for of in net pid; do readlink /proc/self/ns/$of; done; cat /proc/1/comm";
      const shown = await docker.prints(`--network container:${first} --pid container:${first}`, script);
      const pid = await docker.inspect(first, "State.Pid");
      const expected = await docker.sandbox.output([
        "sh",
        "-c",
        script.replace("self", pid).replace("/1/", `/${pid}/`),
      ]);
      await docker.remove(first);
      assert.equal(shown, expected);
    },
    "run --privileged": (docker) => docker.prints("--privileged", "grep Cap /proc/self/status"),
    "run says 127 or 126, and why, when a command cannot be executed": async (docker) => {
      for (const [status, command] of NOT_EXECUTABLE) {
        const result = await docker.run("", [command]);
        assert.equal(result.status, status, result.stderr);
        assert.ok(result.stderr.includes(command), result.stderr);
      }
    },
    "run says 125 to 127, and why, for what a container cannot have": async (docker) => {
      const sysctl = await docker.run("--sysctl net.core.nosuch=1", ["true"]);
      assert.match(sysctl.stderr, /net.core.nosuch/);
      const file = join(docker.sandbox.shared, "daemon.json");
      const mount = await docker.run(`-v ${file}:/etc`, ["true"]);
      assert.match(mount.stderr, /daemon\.json/);
      return mount.status;
    },
  },
});
