import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { IMAGE } from "../helpers/clients-image.ts";
import { Podman } from "../helpers/clients-podman.ts";
import { CGROUP_FILES, FILES, readCgroupFile, retried, SELF } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

const CAPABILITIES = "grep Cap /proc/self/status";

testClient("podman run", {
  programs: Podman.programs,
  packages: Podman.packages,
  open: Podman.open,
  steps: {
    "hands on the output, the errors and the exit status": async (podman) => {
      const { status, stdout, stderr } = await podman.run("", ["sh", "-c", "echo out; echo err >&2; exit 7"]);
      assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: "out\n", stderr: "err\n" });
    },
    "hands on a signal as 128+n": async (podman) => {
      assert.equal((await podman.run("--init", ["sh", "-c", "kill -KILL $$"])).status, 137);
    },
    "-i hands on standard input": async (podman) => {
      const { stdout } = await podman.run("-i", ["sort"], { stdin: "b\na\n" });
      assert.equal(stdout, "a\nb\n");
    },
    "shows a process the same as with runc": (podman) => podman.prints("", SELF),
    "shows the files the same as with runc": (podman) => podman.prints("", FILES),
    "-t shows a process the same as with runc": async (podman) => {
      const terminal = podman.terminal("run", "--rm", "-t", ...podman.flags(""), IMAGE, "sh", "-c", SELF + FILES);
      const { status } = await terminal.ended();
      return { status, shown: terminal.shown };
    },
    "-it is a terminal of the right size, which follows": async (podman) => {
      const terminal = podman.terminal("run", "--rm", "-it", ...podman.flags(""), IMAGE, "sh");
      terminal.type("tty; stty size\n");
      await terminal.waitFor(/\/dev\/pts\/0\r\n24 80/);
      terminal.resize(30, 100);
      terminal.type("sleep 0.2; stty size\n");
      await terminal.waitFor(/30 100/);
      terminal.type("exit 5\n");
      const { status, isModeRestored } = await terminal.ended();
      assert.deepEqual({ status, isModeRestored }, { status: 5, isModeRestored: true });
    },
    "-it hands on Ctrl-C as SIGINT": async (podman) => {
      const script = "trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.1; done";
      const terminal = podman.terminal("run", "--rm", "-it", ...podman.flags(""), IMAGE, "sh", "-c", script);
      await terminal.waitFor(/ready/);
      terminal.type("\u0003");
      assert.equal((await terminal.ended()).status, 3);
      assert.match(terminal.shown, /interrupted/);
    },
    "-d leaves the container running, and wait tells its exit status": async (podman) => {
      const name = await podman.started("", "until [ -e /go ]; do sleep 0.1; done; echo done; exit 4");
      assert.equal(await podman.inspect(name, "State.Status"), "running");
      await podman.ok("exec", name, "touch", "/go");
      assert.equal(await podman.ok("wait", name), "4");
      assert.equal(await podman.ok("logs", name), "done");
      assert.equal(await podman.inspect(name, "State.ExitCode"), "4");
    },
    "-dt logs what the terminal shows": async (podman) => {
      const name = await podman.started("-t", "tty");
      await podman.ok("wait", name);
      return await podman.ok("logs", name);
    },
    "--network none leaves the loopback device": async (podman) => {
      assert.equal(await podman.prints("--network none", "ip -o link | cut -d: -f2 | tr -d ' '"), "lo");
    },
    "a bridge network connects containers": async (podman) => {
      const network = podman.name();
      await podman.ok("network", "create", network);
      const server = await podman.started(`--network ${network}`, "echo hello > index.html; httpd -f -p 80");
      const address = await podman.inspect(server, `NetworkSettings.Networks.${network}.IPAddress`);
      assert.equal(await podman.prints(`--network ${network}`, retried(`wget -qO- http://${address}`)), "hello");
      await podman.remove(server);
      await podman.ok("network", "rm", network);
    },
    "--publish forwards a port": async (podman) => {
      const server = await podman.started("--publish 18080:80", "echo hello > index.html; httpd -f -p 80");
      const answer = await podman.sandbox.output(["sh", "-c", retried("busybox wget -qO- http://127.0.0.1:18080")]);
      assert.equal(answer, "hello");
      await podman.remove(server);
    },
    "-m limits the memory": async (podman) => {
      assert.equal(await podman.prints("-m 64m", CGROUP_FILES.memoryLimit), String(64 << 20));
    },
    "a container that wants more memory is killed": async (podman) => {
      const name = await podman.started("-m 16m", "dd if=/dev/zero of=/dev/null bs=64M count=1");
      assert.equal(await podman.ok("wait", name), "137");
      return await podman.inspect(name, "State.OOMKilled");
    },
    "--cpus limits the processor time": async (podman) => {
      assert.match(await podman.prints("--cpus 0.5", CGROUP_FILES.cpuQuota), /^50000/);
    },
    "--cpu-shares and --cpuset-cpus are handed on": (podman) =>
      podman.prints("--cpu-shares 512 --cpuset-cpus 0", `${readCgroupFile("cpu/cpu.shares", "cpu.weight")}; nproc`),
    "--pids-limit limits the processes": async (podman) => {
      assert.equal(await podman.prints("--pids-limit 23", CGROUP_FILES.pidsLimit), "23");
    },
    "--read-only makes the root read-only": async (podman) => {
      const script = "touch /x 2>&1; echo > /tmp/x && echo > /run/x && echo written";
      assert.equal(await podman.prints("--read-only", script), "touch: /x: Read-only file system\nwritten");
    },
    "--read-only-tmpfs=false leaves nothing writable": (podman) =>
      podman.prints("--read-only --read-only-tmpfs=false", "touch /x /tmp/x /run/x 2>&1; ls /run"),
    "--user sets the ids by number": (podman) =>
      podman.prints("--user 5:6 --group-add 7", "id; cat /proc/self/status | grep Cap"),
    "--user finds the ids by name": async (podman) => {
      assert.equal(await podman.prints("--user nobody", "id -u; id -g; echo $HOME"), "65534\n65534\n/");
    },
    "--cap-drop takes capabilities away": async (podman) => {
      const denied = "chown 5 /tmp 2>&1; hostname x 2>&1; true";
      const shown = await podman.prints("--cap-drop all", `${CAPABILITIES}; ${denied}`);
      assert.match(shown, /CapEff:\t0000000000000000/);
      return shown;
    },
    "--cap-add gives capabilities": (podman) => podman.prints("--cap-add NET_ADMIN --cap-drop CHOWN", CAPABILITIES),
    "--security-opt seccomp=FILE loads a filter": async (podman) => {
      const profile = join(podman.sandbox.shared, "seccomp.json");
      const rule = { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 };
      writeFileSync(profile, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] }));
      const shown = await podman.prints(
        `--security-opt seccomp=${profile}`,
        "mkdir /x 2>&1; ls -d / /x 2>/dev/null; true",
      );
      assert.equal(shown, "mkdir: can't create directory '/x': No space left on device\n/");
    },
    "--security-opt seccomp=unconfined loads none": async (podman) => {
      const script = "grep -E '^Seccomp:' /proc/self/status";
      assert.equal(await podman.prints("--security-opt seccomp=unconfined", script), "Seccomp:\t0");
      assert.equal(await podman.prints("", script), "Seccomp:\t2");
    },
    "--security-opt no-new-privileges is handed on": async (podman) => {
      const script = "grep NoNewPrivs /proc/self/status";
      assert.equal(await podman.prints("--security-opt no-new-privileges", script), "NoNewPrivs:\t1");
    },
    "--security-opt mask and unmask change what is hidden": (podman) =>
      podman.prints(
        "--security-opt mask=/etc/group --security-opt unmask=/proc/sys:/proc/timer_list",
        "wc -c < /etc/group; touch /proc/sys/kernel/hostname 2>&1; grep -c ' /proc/' /proc/mounts",
      ),
    "--init runs an init that reaps": async (podman) => {
      assert.match(
        await podman.prints("--init", "cat /proc/1/comm; (sleep 0.1 &); sleep 0.3; ps"),
        /^podman-init\n[^Z]*$/,
      );
    },
    "-v mounts a directory of the host": async (podman) => {
      const directory = await madeDirectory(podman);
      assert.equal(await podman.prints(`-v ${directory}:/mnt`, "cat /mnt/file; echo new > /mnt/other"), "text");
      assert.equal(await podman.sandbox.output(["cat", `${directory}/other`]), "new");
      const readOnly = await podman.prints(`-v ${directory}:/mnt:ro`, "cat /mnt/file; touch /mnt/x 2>&1; true");
      assert.equal(readOnly, "text\ntouch: /mnt/x: Read-only file system");
    },
    "-v mounts a file of the host, and what is mounted below a directory": async (podman) => {
      const directory = await madeDirectory(podman);
      await podman.sandbox.output(["mount", "-t", "tmpfs", "below", `${directory}/below`]);
      const flags = `-v ${directory}/file:/etc/group -v ${directory}:/mnt:rslave`;
      const shown = await podman.prints(
        flags,
        "cat /etc/group; stat -f -c %T /mnt/below; grep /mnt /proc/self/mountinfo | cut -d' ' -f7",
      );
      await podman.sandbox.output(["umount", `${directory}/below`]);
      return shown.replaceAll(/master:\d+/g, "master");
    },
    "-v keeps a named volume": async (podman) => {
      const volume = podman.name();
      await podman.prints(`-v ${volume}:/data`, "echo kept > /data/file");
      assert.equal(await podman.prints(`-v ${volume}:/data:nosuid,nodev`, "cat /data/file"), "kept");
      await podman.ok("volume", "rm", volume);
    },
    "--tmpfs mounts one with its options": (podman) =>
      podman.prints("--tmpfs /x:size=1m,mode=700,noexec", "grep ' /x ' /proc/mounts | cut -d' ' -f2-; stat -c %a /x"),
    "--env, --workdir, --hostname and --entrypoint are handed on": (podman) =>
      podman.prints("--env A=1 --workdir /tmp --hostname here --entrypoint=[]", "echo $A $FROM_IMAGE; pwd; hostname"),
    "--device adds a device": (podman) =>
      podman.prints(
        "--device /dev/fuse --device /dev/zero:/dev/nil:r",
        "stat -c '%n %F %a %t %T' /dev/fuse /dev/nil; head -c 3 /dev/nil | wc -c; echo 2>&1 > /dev/nil",
      ),
    "--ulimit, --sysctl, --shm-size and --oom-score-adj are handed on": (podman) =>
      podman.prints(
        "--ulimit nofile=100:200 --ulimit nproc=300:400 --sysctl kernel.shmmax=65536 --shm-size 2m --oom-score-adj 500",
        "ulimit -n; ulimit -Hn; cat /proc/sys/kernel/shmmax; grep /dev/shm /proc/mounts; cat /proc/self/oom_score_adj",
      ),
    "--pid, --ipc, --uts and --cgroupns host share the namespaces": async (podman) => {
      const look = namespaceLinks("self", ["pid", "ipc", "uts", "cgroup"]);
      const shown = await podman.prints("--pid host --ipc host --uts host --cgroupns host", look);
      assert.equal(shown, await podman.sandbox.output(["sh", "-c", look]));
    },
    "--network, --pid and --ipc container: share another container's namespaces": async (podman) => {
      const first = await podman.started("--ipc shareable", "sleep 60");
      const flags = `--network container:${first} --pid container:${first} --ipc container:${first}`;
      const shown = await podman.prints(flags, namespaceLinks("self", ["net", "pid", "ipc"]));
      const pid = await podman.inspect(first, "State.Pid");
      const expected = await podman.sandbox.output(["sh", "-c", namespaceLinks(pid, ["net", "pid", "ipc"])]);
      await podman.remove(first);
      assert.equal(shown, expected);
    },
    "--uidmap runs in a user namespace": (podman) =>
      podman.prints(
        "--uidmap 0:100000:2000 --gidmap 0:100000:2000",
        "cat /proc/self/uid_map /proc/self/gid_map; id; touch /root/x && stat -c %u /root/x; cut -d' ' -f2,3 /proc/mounts | sort; stat -c '%n %u %g %a' /dev/null /dev/pts /dev/shm /dev/stdin",
      ),
    "--privileged gives everything": (podman) =>
      podman.prints(
        "--privileged",
        `${CAPABILITIES}; ls /dev | grep -vx core; touch /proc/sys/x /sys/x 2>&1; grep -v ' / ' /proc/mounts | cut -d' ' -f2-4 | sort`,
      ),
    "--preserve-fds hands on descriptors": async (podman) => {
      const result = await podman.sandbox.output(
        ["sh", "-c", `exec 3<"$0"; exec "$@"`, "/proc/sys/kernel/ostype"].concat(
          podman.command("run", "--rm", "--preserve-fds", "1", ...podman.flags(""), IMAGE, "sh", "-c", "cat <&3"),
        ),
      );
      assert.equal(result, "Linux");
    },
    "says 127 when the command is not there": (podman) => refusal(podman, 127, "", ["nosuch"], /nosuch/),
    "shows the runtime's message, and nothing else": async (podman) => {
      const { stderr } = await podman.run("", ["nosuch"]);
      assert.match(stderr, /^Error: \S+: (?:runc create failed: .*: )?exec: "nosuch": executable file not found/);
    },
    "says 127 when the command's path is not there": (podman) => refusal(podman, 127, "", ["/no/such"], /\/no\/such/),
    "says 126 when the command is not executable": (podman) =>
      refusal(podman, 126, "", ["/etc/passwd"], /\/etc\/passwd/),
    "says 126 when the command is a directory": (podman) => refusal(podman, 126, "", ["/etc"], /\/etc/),
    "says 126 or 127 and why for a wrong --workdir": (podman) =>
      refusal(podman, undefined, "--workdir /etc/passwd", ["true"], /\/etc\/passwd/),
    "says what is wrong with a sysctl, and not that the command is missing": async (podman) => {
      const { status, stderr } = await podman.run("--sysctl net.core.nosuch=1", ["true"]);
      if (podman.runtime.name !== "runc") assert.notEqual(status, 127);
      assert.match(stderr, /net.core.nosuch/);
    },
    "says why for a user that is not there": (podman) =>
      refusal(podman, undefined, "--user nosuch", ["true"], /nosuch/),
  },
});

/** The text must reach the person. Returns the exit status, which must be the same with runc. */
async function refusal(
  podman: Podman,
  expected: number | undefined,
  flags: string,
  command: readonly string[],
  text: RegExp,
): Promise<number> {
  const { status, stderr } = await podman.run(flags, command);
  if (expected !== undefined) assert.equal(status, expected, stderr);
  assert.match(stderr, text);
  return status;
}

/** A directory inside, with a file and an empty directory. */
async function madeDirectory(podman: Podman): Promise<string> {
  const directory = join(podman.sandbox.inside, podman.name());
  await podman.sandbox.output(["sh", "-c", 'mkdir -p "$1/below" && echo text > "$1/file"', "sh", directory]);
  return directory;
}

/** A script that prints what a process's namespaces are. */
function namespaceLinks(pid: string, names: readonly string[]): string {
  return `for name in ${names.join(" ")}; do readlink /proc/${pid}/ns/$name; done`;
}
