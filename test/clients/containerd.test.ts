import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../helpers/clients-checks.ts";
import { Containerd } from "../helpers/clients-containerd.ts";
import { IMAGE } from "../helpers/clients-image.ts";
import { CGROUP_FILES, FILES, SELF } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

const WAIT = "trap 'exit 9' TERM; while :; do sleep 0.05; done";

testClient("containerd", {
  programs: ["containerd", "ctr", "containerd-shim-runc-v2"],
  packages: "containerd",
  open: Containerd.open,
  steps: {
    "run hands on the output, the errors and the exit status": async (ctr) => {
      const { status, stdout, stderr } = await ctr.run([], ["sh", "-c", "echo out; echo err >&2; exit 7"]);
      assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: "out\n", stderr: "err\n" });
    },
    "run hands on standard input": async (ctr) => {
      // Not to its end: this version of ctr does not tell of that.
      assert.equal((await ctr.run([], ["head", "-n1"], { stdin: "line\n" })).stdout, "line\n");
    },
    "run shows a process the same as with runc": (ctr) => ctr.prints([], SELF),
    "run shows the files the same as with runc": (ctr) => ctr.prints([], FILES),
    "run -t is a terminal of the right size, which follows": async (ctr) => {
      const terminal = ctr.terminal("run", "--rm", "-t", ...ctr.flags, IMAGE, ctr.name(), "sh");
      // ctr tells the size after the start.
      terminal.type("sleep 0.3; tty; stty size\n");
      await terminal.waitFor(/\/dev\/pts\/0\r+\n24 80/);
      terminal.resize(30, 100);
      terminal.type("sleep 0.2; stty size; exit 5\n");
      await terminal.waitFor(/30 100/);
      assert.equal((await terminal.ended()).status, 5);
    },
    "run --memory-limit, --cpus and --cpu-shares limit": async (ctr) => {
      const script = `${CGROUP_FILES.memoryLimit}; ${CGROUP_FILES.cpuQuota}; cat /sys/fs/cgroup/cpu/cpu.shares`;
      const mount = "type=cgroup,src=cgroup,dst=/sys/fs/cgroup,options=ro";
      const limits = ["--memory-limit", String(64 << 20), "--cpus", "0.5", "--cpu-shares", "512"];
      return await ctr.prints([...limits, "--mount", mount], script);
    },
    "run --read-only, --env, --cwd, --mount and --device are handed on": async (ctr) => {
      const flags = ["--read-only", "--env", "A=1", "--cwd", "/tmp", "--device", "/dev/fuse"];
      const mount = ["--mount", `type=bind,src=/proc/sys/kernel,dst=/mnt,options=rbind:ro`];
      const script = "echo $A; pwd; cat /mnt/ostype; stat -c '%F %t %T' /dev/fuse; touch /x 2>&1; true";
      return await ctr.prints([...flags, ...mount], script);
    },
    "run --cap-add and --cap-drop change the capabilities": (ctr) =>
      ctr.prints(["--cap-add", "CAP_NET_ADMIN", "--cap-drop", "CAP_CHOWN"], "grep -E 'Cap|NoNew' /proc/self/status"),
    "run --seccomp loads containerd's own filter, --seccomp-profile another": async (ctr) => {
      assert.equal(await ctr.prints(["--seccomp"], "grep -E '^Seccomp:' /proc/self/status"), "Seccomp:\t2");
      const profile = join(ctr.sandbox.shared, "seccomp.json");
      const rule = { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 };
      writeFileSync(profile, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] }));
      const shown = await ctr.prints(["--seccomp", "--seccomp-profile", profile], "mkdir /x 2>&1; true");
      assert.match(shown, /No space left/);
    },
    "run --with-ns joins a namespace": async (ctr) => {
      const name = await ctr.started([], WAIT);
      const { pid } = await task(ctr, name);
      const shown = await ctr.prints(["--with-ns", `network:/proc/${pid}/ns/net`], "readlink /proc/self/ns/net");
      assert.equal(shown, await ctr.sandbox.output(["readlink", `/proc/${pid}/ns/net`]));
      await ctr.remove(name);
    },
    "run --uidmap makes a user namespace": (ctr) =>
      ctr.prints(["--uidmap", "0:100000:2000", "--gidmap", "0:100000:2000"], "cat /proc/self/uid_map; id; umask"),
    "run says why a command cannot be executed": async (ctr) => {
      for (const command of ["nosuch", "/no/such", "/etc/passwd", "/etc"]) {
        const { status, stderr } = await ctr.run([], [command]);
        assert.equal(status, 1);
        assert.match(stderr, /executable file not found|no such file or directory|permission denied/);
        assert.ok(stderr.includes(command), stderr);
      }
    },
    "create, start and delete": async (ctr) => {
      const name = ctr.name();
      await ctr.ok("containers", "create", IMAGE, name, "false");
      await ctr.ok("tasks", "start", "--detach", "--null-io", name);
      await ctr.waitForStatus(name, "STOPPED");
      assert.match((await ctr.ctr(["tasks", "delete", name])).stderr, /exit code 1"/);
      await ctr.ok("containers", "delete", name);
    },
    "tasks exec hands on input, output and the exit status": async (ctr) => {
      const name = await ctr.started([], WAIT);
      const { status, stdout, stderr } = await ctr.exec(name, [], "sh", "-c", "echo out; echo err >&2; exit 6");
      assert.deepEqual({ status, stdout, stderr }, { status: 6, stdout: "out\n", stderr: "err\n" });
      const own = await ctr.exec(name, ["--user", "5:6", "--cwd", "/tmp"], "sh", "-c", `pwd; ${SELF}`);
      await ctr.remove(name);
      return own.stdout;
    },
    "tasks exec -t is a terminal of the right size": async (ctr) => {
      const name = await ctr.started([], WAIT);
      const terminal = ctr.terminal("tasks", "exec", "--exec-id", ctr.name(), "-t", name, "sh");
      terminal.type("sleep 0.3; tty; stty size; exit 5\n");
      await terminal.waitFor(/\/dev\/pts\/0\r+\n24 80/);
      assert.equal((await terminal.ended()).status, 5);
      await ctr.remove(name);
    },
    "tasks exec says why a command cannot be executed": async (ctr) => {
      const name = await ctr.started([], WAIT);
      for (const command of ["nosuch", "/no/such", "/etc/passwd"]) {
        const { status, stderr } = await ctr.exec(name, [], command);
        assert.equal(status, 1);
        assert.match(stderr, /executable file not found|no such file or directory|permission denied/);
      }
      assert.equal(await ctr.status(name), "RUNNING");
      await ctr.remove(name);
    },
    "tasks kill sends signals, also to a process of exec and to all": async (ctr) => {
      const name = await ctr.started([], "trap 'exit 4' USR1; while :; do sleep 0.05; done");
      const second = ctr.name();
      await ctr.ok("tasks", "exec", "--detach", "--exec-id", second, name, "sleep", "77");
      assert.match(await ctr.ok("tasks", "ps", name), new RegExp(second));
      await ctr.ok("tasks", "kill", "--exec-id", second, "--signal", "SIGKILL", name);
      await eventually("the exec'd process is gone", async () => (await processes(ctr, name)) < 3);
      await ctr.ok("tasks", "kill", "--signal", "SIGUSR1", name);
      await ctr.waitForStatus(name, "STOPPED");
      assert.match((await ctr.ctr(["tasks", "delete", name])).stderr, /exit code 4"/);
      await ctr.ok("containers", "delete", name);
    },
    "tasks kill --all reaches every process": async (ctr) => {
      const name = await ctr.started([], "sleep 77 & sleep 78 & wait");
      await ctr.ok("tasks", "kill", "--all", "--signal", "SIGKILL", name);
      await ctr.waitForStatus(name, "STOPPED");
      await ctr.remove(name);
    },
    "tasks pause and resume": async (ctr) => {
      const name = await ctr.started([], "n=0; while :; do n=$((n+1)); echo $n > /count; sleep 0.02; done");
      await eventually("it counts", async () => (await ctr.exec(name, [], "test", "-e", "/count")).status === 0);
      const { pid } = await task(ctr, name);
      const count = (): Promise<string> => ctr.sandbox.output(["cat", `/proc/${pid}/root/count`]);
      await ctr.ok("tasks", "pause", name);
      assert.equal(await ctr.status(name), "PAUSED");
      const before = await count();
      await delay(200);
      assert.equal(await count(), before);
      await ctr.ok("tasks", "resume", name);
      assert.equal(await ctr.status(name), "RUNNING");
      await eventually("it counts again", async () => (await count()) !== before);
      await ctr.remove(name);
    },
    "tasks metrics shows the use": async (ctr) => {
      const name = await ctr.started(["--memory-limit", String(64 << 20)], WAIT);
      const metrics = await ctr.ok("tasks", "metrics", name);
      await ctr.remove(name);
      assert.match(metrics, new RegExp(`${name} `));
      assert.match(metrics, /memory\S*limit\S* +67108864/);
    },
    "tasks checkpoint": async (ctr) => {
      const name = await ctr.started([], WAIT);
      const image = join(ctr.sandbox.inside, name);
      await ctr.ok("tasks", "checkpoint", "--image-path", image, name);
      await ctr.remove(name);
    },
    "a killed shim leaves nothing that the next cannot remove": async (ctr) => {
      const name = await ctr.started([], WAIT);
      const { pid } = await task(ctr, name);
      const shim = await ctr.sandbox.output(["sh", "-c", `grep PPid /proc/${pid}/status | tr -dc 0-9`]);
      await ctr.sandbox.output(["kill", "-KILL", shim]);
      await eventually("the container is gone", async () => (await ctr.status(name)) === undefined);
      await ctr.ok("containers", "delete", name);
    },
    "delete --force ends and removes a running container": async (ctr) => {
      const name = await ctr.started([], WAIT);
      await ctr.ctr(["tasks", "delete", "--force", name]);
      assert.equal(await ctr.status(name), undefined);
      await ctr.ok("containers", "delete", name);
    },
  },
});

async function task(ctr: Containerd, name: string): Promise<{ readonly pid: string }> {
  const table = await ctr.ok("tasks", "list");
  const pid = new RegExp(`^${name} +(\\d+)`, "m").exec(table)?.[1];
  assert.ok(pid !== undefined, table);
  return { pid };
}

/** How many processes the runtime's `ps` tells of. */
async function processes(ctr: Containerd, name: string): Promise<number> {
  return (await ctr.ok("tasks", "ps", name)).split("\n").length - 1;
}
