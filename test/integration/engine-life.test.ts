import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killMonitor, monitorOf } from "../helpers/engine-monitor.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { installedPeers } from "../helpers/peers.ts";
import { Terminal } from "../helpers/terminal.ts";
import { until } from "../helpers/until.ts";

const ALONE = ["--network", "none"] as const;

for (const { name, path } of installedPeers()) {
  engineTest(`--runtime ${name} runs the same bundle`, async (box) => {
    const run = await box.call([
      "run",
      "--rm",
      "--runtime",
      path,
      ...ALONE,
      "-m",
      "64m",
      "base",
      "sh",
      "-c",
      "echo out; echo err >&2; exit 3",
    ]);
    assert.deepEqual([run.status, run.stdout, run.stderr], [3, "out\n", "err\n"]);
    await box.ok("run", "-d", "--name", "one", "--runtime", path, ...ALONE, "base", "sleep", "1000");
    assert.equal(await box.ok("exec", "one", "echo", "in"), "in");
    await box.ok("pause", "one");
    assert.equal(await box.inspect("one", "{{.State.Status}}"), "paused");
    await box.ok("unpause", "one");
    await box.ok("stop", "-t", "0", "one");
    assert.equal(await box.inspect("one", "{{.State.Status}} {{.State.ExitCode}}"), "exited 137");
    await box.ok("restart", "-t", "0", "one");
    await killMonitor(box, await box.inspect("one", "{{.Id}}"));
    await box.ok("exec", "-e", "A=b", "-w", "/tmp", "one", "sh", "-c", "echo $A > /made; pwd > /dev/null");
    await box.ok("commit", "one", "made");
    assert.equal(await box.ok("run", "--rm", "--runtime", path, ...ALONE, "made", "cat", "/made"), "b");
    await box.ok("rm", "-f", "one");
    const missing = await box.call(["run", "--rm", "--runtime", path, ...ALONE, "base", "nosuch"]);
    assert.equal(missing.status, 127, missing.stderr);
    const terminal = Terminal.run(20, 70, box.argv("run", "--rm", "-ti", "--runtime", path, ...ALONE, "base", "sh"));
    await terminal.waitFor(/# /);
    terminal.type("stty size; exit 6\n");
    assert.equal((await terminal.ended()).status, 6);
    assert.match(terminal.shown, /20 70/);
    assert.equal(await box.ok("ps", "-aq"), "");
  });
}

/** Where a container's cgroup may have a freezer, and what freezes and wakes it. Source: cgroups(7). */
const FREEZERS = [
  ["/sys/fs/cgroup", "cgroup.freeze", "1", "0"],
  ["/sys/fs/cgroup/unified", "cgroup.freeze", "1", "0"],
  ["/sys/fs/cgroup/freezer", "freezer.state", "FROZEN", "THAWED"],
] as const;

engineTest("ps tells what others have frozen, asleep or busy, in whichever hierarchy", async (box) => {
  const asleep = await box.ok("run", "-d", ...ALONE, "base", "sleep", "1000");
  const busy = await box.ok("run", "-d", ...ALONE, "base", "sh", "-c", "while :; do :; done");
  const shown = async () => (await box.ok("ps", "--format", "{{.State}}")).split("\n").sort().join();
  const present = FREEZERS.filter(([mount, file]) => existsSync(`${mount}/mydocker/${busy}/${file}`));
  assert.notEqual(present.length, 0);
  for (const [mount, file, frozen, awake] of present) {
    const files = [asleep, busy].map((id) => `${mount}/mydocker/${id}/${file}`);
    for (const [index, states] of ["paused,running", "paused,paused"].entries()) {
      writeFileSync(files[index] ?? "", frozen);
      await until(`${file} is shown`, async () => (await shown()) === states);
    }
    for (const each of files) writeFileSync(each, awake);
    await until("both go on", async () => (await shown()) === "running,running");
  }
});

engineTest("restart policies: on-failure counts, and stop ends always", async (box) => {
  await box.ok(
    "run",
    "-d",
    "--name",
    "fails",
    "--restart",
    "on-failure:2",
    ...ALONE,
    "base",
    "sh",
    "-c",
    "echo run; exit 3",
  );
  await until(
    "three runs",
    async () => (await box.inspect("fails", "{{.RestartCount}} {{.State.Status}}")) === "2 exited",
  );
  assert.equal(await box.ok("logs", "fails"), "run\nrun\nrun");
  await box.ok("run", "-d", "--name", "always", "--restart", "always", ...ALONE, "base", "true");
  await until("a restart", async () => Number(await box.inspect("always", "{{.RestartCount}}")) > 0);
  await box.ok("stop", "always");
  const count = await box.inspect("always", "{{.RestartCount}}");
  const id = await box.inspect("always", "{{.Id}}");
  await until("nobody is left who could restart it", () => monitorOf(box, id) === undefined);
  assert.equal(await box.inspect("always", "{{.RestartCount}} {{.State.Status}}"), `${count} exited`);
});

engineTest("attach shows what comes, and the keys leave it running", async (box) => {
  await box.ok("run", "-dit", "--name", "one", ...ALONE, "base", "sh");
  const terminal = Terminal.run(30, 100, box.argv("attach", "one"));
  terminal.type("\necho a''b\n");
  await terminal.waitFor(/ab/);
  terminal.type("\u0010\u0011");
  const { status, isModeRestored } = await terminal.ended();
  assert.deepEqual({ status, isModeRestored }, { status: 0, isModeRestored: true });
  assert.equal(await box.inspect("one", "{{.State.Status}}"), "running");
});

engineTest("signals go through: TERM to mydocker ends the container", async (box) => {
  const running = box.start([
    "run",
    "--rm",
    ...ALONE,
    "base",
    "sh",
    "-c",
    "trap 'echo got; exit 7' TERM; echo up; while :; do sleep 0.1; done",
  ]);
  await until("it is up", () => /up/.test(running.stdout));
  running.kill("SIGTERM");
  const { status, stdout } = await running.ended;
  assert.deepEqual([status, stdout], [7, "up\ngot\n"]);
});

engineTest("a full memory limit is told", async (box) => {
  const script = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
  const { status } = await box.call(["run", "--name", "big", "-m", "20m", ...ALONE, "base", "sh", "-c", script]);
  assert.equal(status, 137);
  assert.equal(await box.inspect("big", "{{.State.OOMKilled}}"), "true");
});

engineTest("logs rotate, and -f goes on over a rotation", async (box) => {
  const script = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; done; sleep 1; echo last";
  const id = await box.ok(
    "run",
    "-d",
    "--log-opt",
    "max-size=4k",
    "--log-opt",
    "max-file=2",
    ...ALONE,
    "base",
    "sh",
    "-c",
    script,
  );
  const shown = (await box.ok("logs", "-f", id)).split("\n");
  assert.equal(shown.at(-1), "last");
  const directory = join(box.directory, "root/containers", id);
  assert.deepEqual(
    readdirSync(directory)
      .filter((name) => name.includes("json.log"))
      .sort(),
    [`${id}-json.log`, `${id}-json.log.1`],
  );
});

engineTest("volumes: filled from the image, refused while in use, kept by rm -f", async (box) => {
  await box.ok("volume", "create", "data");
  await box.ok("run", "-d", "--name", "user", "-v", "data:/etc", ...ALONE, "base", "sleep", "1000");
  assert.match(await box.ok("exec", "user", "ls", "/etc"), /passwd/);
  const refused = await box.call(["volume", "rm", "data"]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /remove data: volume is in use - \[[0-9a-f]{64}\]/);
  await box.ok("exec", "user", "touch", "/etc/kept");
  await box.ok("run", "--rm", "--volumes-from", "user", ...ALONE, "base", "ls", "/etc/kept");
  await box.ok("rm", "-f", "user");
  assert.equal(await box.ok("run", "--rm", "-v", "data:/x", ...ALONE, "base", "ls", "/x/kept"), "/x/kept");
  await box.ok("volume", "rm", "data");
  assert.equal(await box.ok("volume", "ls", "-q"), "");
});

engineTest("--init forwards signals and reaps", async (box) => {
  const orphans = "i=0; while test $i -lt 100; do (sleep 0 &); i=$((i + 1)); done";
  const script = `trap 'exit 4' TERM; ${orphans}; echo up; while :; do sleep 0.1; done`;
  const id = await box.ok("run", "-d", "--init", ...ALONE, "base", "sh", "-c", script);
  assert.match(await box.ok("exec", id, "cat", "/proc/1/cmdline"), /docker-init/);
  await until("it is up", async () => (await box.ok("logs", id)) === "up");
  const zombies = "cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z ' || true";
  await until("its orphans are reaped", async () => (await box.ok("exec", id, "sh", "-c", zombies)) === "0");
  await box.ok("stop", "-t", "60", id);
  assert.equal(await box.inspect(id, "{{.State.ExitCode}}"), "4");
});

engineTest("system df counts what is there, and system prune removes what nobody uses", async (box) => {
  await box.ok("run", "-d", "--name", "up", ...ALONE, "base", "sleep", "1000");
  const write = "head -c 3000000 /dev/zero > /big; head -c 2000000 /dev/zero > /data/big";
  await box.ok("run", "--name", "down", "-v", "/data", ...ALONE, "base", "sh", "-c", write);
  await box.ok("commit", "down", "other");
  const counts = async () => await box.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}}");
  assert.equal(await counts(), "Images 2 1\nContainers 2 1\nLocal Volumes 1 1");
  const sizes = await box.ok("system", "df", "--format", "{{.Type}} {{.Size}} {{.Reclaimable}}");
  assert.match(sizes, /^Containers 3MB 3MB \(100%\)$/m);
  assert.match(sizes, /^Local Volumes 2MB 0B \(0%\)$/m);
  const unasked = await box.call(["system", "prune"], { stdin: "n\n" });
  assert.match(unasked.stdout, /all stopped containers[\s\S]*Are you sure/);
  assert.equal(await counts(), "Images 2 1\nContainers 2 1\nLocal Volumes 1 1");
  await box.ok("rmi", "other");
  const id = await box.inspect("down", "{{.Id}}");
  const pruned = await box.ok("system", "prune", "-f");
  assert.match(pruned, new RegExp(`Deleted Containers:\n${id}\n[\\s\\S]*Total reclaimed space: [35]`));
  assert.equal(await counts(), "Images 1 1\nContainers 1 1\nLocal Volumes 0 0");
  await box.ok("rm", "-f", "up");
  await box.ok("system", "prune", "-af");
  assert.equal(await counts(), "Images 0 0\nContainers 0 0\nLocal Volumes 0 0");
});

const REFUSED: readonly (readonly [flag: string, value: string, message: RegExp])[] = [
  ["--platform", "plan9/mips", /specified platform: wanted plan9\/mips, actual: linux/],
  ["--log-opt", "compress=true", /log opt 'compress'.*not compressed/],
  ["--pull", "always", /--pull/],
  ["--health-interval", "1", /--health-interval.*invalid duration/],
  ["--workdir", "relative", /the working directory 'relative' is invalid, it needs to be an absolute path/],
  ["--ulimit", "nofile=10:5", /soft limit must be less than or equal to hard limit: 10 > 5/],
  ["--ulimit", "what=1", /invalid ulimit type: what/],
  ["--cap-drop", "WHAT", /invalid CapDrop: unknown capability: "CAP_WHAT"/],
  ["--stop-signal", "WHAT", /Invalid signal: WHAT/],
  ["--sysctl", "kernel.panic=1", /sysctl 'kernel.panic=1' is not allowed/],
  ["--oom-score-adj", "2000", /Invalid value 2000, range for oom score adj is \[-1000, 1000\]/],
  ["--memory-swappiness", "101", /Valid memory swappiness range is 0-100/],
  ["--blkio-weight", "5", /Range of blkio weight is from 10 to 1000/],
  ["--tmpfs", "relative", /invalid mount path: 'relative' mount path must be absolute/],
  ["--add-host", "name", /bad format for add-host: "name"/],
  ["--add-host", "name:x", /invalid IP address in add-host: "x"/],
  ["--dns", "x", /IP address is not correctly formatted: x/],
  ["--memory", "1k", /Minimum memory limit allowed is 6MB/],
  ["--cpus", "9999", /ange of CPUs is from 0.01 to/],
  ["--cpuset-cpus", "8191", /Requested CPUs are not available - requested 8191, available: 0/],
  ["--cpuset-mems", "1-", /Invalid value 1- for cpuset mems/],
];

engineTest("what a container cannot have is refused before it is made", async (box) => {
  for (const [flag, value, message] of REFUSED) {
    const { status, stderr } = await box.call(["create", flag, value, ...ALONE, "base", "true"]);
    assert.equal(status, 125, `${flag} ${value}: ${stderr}`);
    assert.match(stderr, message);
  }
  const attached = await box.call(["run", "-a", "what", ...ALONE, "base", "true"]);
  assert.match(attached.stderr, /valid streams are STDIN, STDOUT and STDERR/);
  assert.equal(await box.ok("ps", "-aq"), "");
  await box.ok("volume", "create", "kept");
  const pruned = await box.call(["volume", "prune", "-f", "--filter", "until=1h"]);
  assert.deepEqual([pruned.status, /invalid filter 'until'/.test(pruned.stderr)], [1, true]);
});

engineTest("a volume that is neither copied to nor writable is so with what is mounted below it", async (box) => {
  await box.ok("run", "--name", "maker", ...ALONE, "base", "sh", "-c", "mkdir /data; touch /data/seed");
  await box.ok("commit", "maker", "seeded");
  await box.ok("volume", "create", "vol");
  const below = join(await box.ok("volume", "inspect", "-f", "{{.Mountpoint}}", "vol"), "below");
  mkdirSync(below);
  const mounted = await box.program("mount", "-t", "tmpfs", "tmpfs", below);
  assert.equal(mounted.status, 0, mounted.stderr);
  try {
    const script = "ls /data; touch /data/x || echo no; touch /data/below/x || echo no";
    const shown = (options: string) =>
      box.ok("run", "--rm", "-v", `vol:/data:${options}`, ...ALONE, "seeded", "sh", "-c", script);
    assert.equal(await shown("ro,nocopy"), "below\nno");
    assert.equal(await shown("rro,nocopy"), "below\nno\nno");
  } finally {
    await box.program("umount", below);
  }
});
