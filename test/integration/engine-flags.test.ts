/** Flags of `run`, each by its effect in the container; and what docker's users get told, with docker's exit statuses. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineTest } from "../helpers/engine-test.ts";

const ALONE = ["--network", "none"] as const;
const run = (...words: readonly string[]) => ["run", "--rm", ...ALONE, ...words];

engineTest("values that cannot be are refused with 125, wrong numbers of arguments with 1", async (box) => {
  await box.ok("create", "--name", "made", ...ALONE, "base", "true");
  const refused = (...words: readonly string[]) => run(...words, "base", "true");
  for (const [words, status, message] of [
    [refused("--log-opt", "max-file=0"), 125, /max-file cannot be less than 1/],
    [refused("--cpus", "1", "--cpu-quota", "5000"), 125, /Nano CPUs and CPU Quota/],
    [refused("--blkio-weight-device", "/dev/null:100"), 125, /no block device \(--blkio-weight-device\)/],
    [refused("--device", "/dev/nosuch"), 125, /"\/dev\/nosuch": it does not exist/],
    [refused("--tz", "No/Where"), 125, /finding timezone No\/Where/],
    [refused("--replace"), 125, /without --name/],
    [["run", "-d", "-a", "stdout", "base", "true"], 1, /both --attach and --detach/],
    [["run"], 1, /Missing container command/],
    [["run", "--nosuch", "base"], 125, /unknown option "--nosuch"/],
    [["create", "nosuchimage"], 1, /No such image/],
    [["start"], 1, /missing required argument/],
    [["stop", "-t", "soon", "made"], 125, /"soon"/],
    [["nosuch"], 1, /unknown command/],
    [["container", "nosuch"], 1, /unknown command "container nosuch"/],
    [["update", "--cpuset-cpus", "4095", "made"], 1, /CPUs are not available/],
    [["volume", "ls", "--filter", "nosuch=1"], 1, /invalid filter 'nosuch'/],
    [["images", "--filter", "dangling=x"], 1, /invalid filter 'dangling=x'/],
    [["export", "-o", "nosuch/x.tar", "made"], 1, /directory ".*nosuch" does not exist/],
    [["rmi", "-f", "nosuchimage"], 0, /No such image/],
  ] as const) {
    const result = await box.call(words);
    const told = [result.status, message.test(result.stderr)];
    assert.deepEqual(told, [status, true], `${words.join(" ")}: ${result.status} ${result.stderr}`);
  }
  assert.equal(await box.ok("ps", "-a", "--format", "{{.Names}}"), "made");
  assert.equal(await box.ok("volume", "ls", "-q"), "");
});

engineTest("--umask and --tz are the programs' own, also of those that exec starts", async (box) => {
  const zone = "/usr/share/zoneinfo/Asia/Kathmandu";
  const flags = existsSync(zone) ? ["--tz", "Asia/Kathmandu"] : [];
  await box.ok("run", "-d", "--name", "one", ...ALONE, "--umask", "0027", ...flags, "base", "sleep", "1000");
  assert.equal(await box.ok("exec", "one", "sh", "-c", "umask"), "0027");
  assert.equal(await box.ok("exec", "-u", "5", "one", "sh", "-c", "umask"), "0027");
  if (flags.length === 0) return;
  const { status, stdout } = await box.call(["exec", "one", "cat", "/etc/localtime"]);
  assert.deepEqual([status, stdout], [0, readFileSync(zone, "utf8")]);
});

engineTest("--replace takes the place of who has the name, also while it runs", async (box) => {
  const first = await box.ok("run", "-d", "--replace", "--name", "one", ...ALONE, "base", "sleep", "1000");
  const second = await box.ok("run", "-d", "--replace", "--name", "one", ...ALONE, "base", "sleep", "1000");
  assert.equal(await box.ok("ps", "-a", "--no-trunc", "-q"), second);
  assert.notEqual(first, second);
});

engineTest("--device gives all devices of a directory", async (box) => {
  const seen = await box.ok(...run("--device", "/dev/net:/dev/other", "base", "ls", "/dev/other"));
  assert.equal(seen, "tun");
});

engineTest("--mount makes volumes with labels and options, which may hold commas", async (box) => {
  const options = 'volume-opt=type=tmpfs,volume-opt=device=tmpfs,"volume-opt=o=size=1m,mode=0700"';
  const mount = `type=volume,source=made,target=/data,volume-label=a=b,volume-driver=local,${options}`;
  const seen = await box.ok(...run("--mount", mount, "base", "grep", " /data ", "/proc/mounts"));
  assert.match(seen, /^tmpfs \/data tmpfs .*size=1024k.*mode=700/);
  assert.equal(
    await box.ok("volume", "inspect", "-f", "{{.Labels}} {{.Options.o}}", "made"),
    "map[a:b] size=1m,mode=0700",
  );
});

engineTest("a read-only container cannot write its hosts file, one without IPC has no /dev/shm", async (box) => {
  assert.notEqual((await box.call(run("--read-only", "base", "touch", "/etc/hosts"))).status, 0);
  await box.ok(...run("base", "touch", "/etc/hosts"));
  assert.equal(await box.ok(...run("--ipc", "none", "base", "sh", "-c", "grep -c /dev/shm /proc/mounts || true")), "0");
  const writable = await box.ok(
    ...run("--security-opt", "writable-cgroups", "base", "grep", " cgroup", "/proc/mounts"),
  );
  assert.doesNotMatch(writable, /cgroup ro,/);
});

engineTest(
  "a program has its own group among its groups, and a user that is not there ends exec with 126",
  async (box) => {
    assert.equal(await box.ok(...run("-u", "5:6", "base", "id", "-G")), "6");
    await box.ok("run", "-d", "--name", "one", ...ALONE, "--group-add", "7", "base", "sleep", "1000");
    const groups = ["grep", "Groups", "/proc/self/status"];
    assert.equal(await box.ok("exec", "one", ...groups), "Groups:\t0 7 ");
    assert.equal(await box.ok("exec", "-u", "5:6", "one", ...groups), "Groups:\t6 7 ");
    const unknown = await box.call(["exec", "-u", "nosuch", "one", "true"]);
    assert.deepEqual([unknown.status, /unable to find user nosuch/.test(unknown.stderr)], [126, true]);
    assert.equal((await box.call(["exec", "-w", "relative", "one", "true"])).status, 126);
    assert.equal((await box.call(["exec", "--env-file", "nosuch", "one", "true"])).status, 1);
  },
);

engineTest("what does less than it says is told", async (box) => {
  for (const [flags, warning] of [
    [["--oom-kill-disable"], /OOM killer is disabled/],
    [["--kernel-memory", "10m"], /kernel memory limit is deprecated/],
  ] as const) {
    const { status, stderr } = await box.call(run(...flags, "base", "true"));
    assert.deepEqual([status, warning.test(stderr)], [0, true], stderr);
  }
  const { stderr } = await box.call(["run", "--rm", "--network", "host", "-p", "80:80", "base", "true"]);
  assert.match(stderr, /Published ports are discarded/);
  await box.ok(...run("-p", "80:80", "base", "true"));
});

engineTest("logs --details shows the labels, the variables and the tag that --log-opt names", async (box) => {
  writeFileSync(join(box.directory, "env"), "B=2\nC=3\n");
  const options = ["--log-opt", "labels=a", "--log-opt", "env-regex=^[AB]$", "-l", "a=1 1", "-l", "z=9"];
  const tag = ["--log-opt", "tag={{.Name}}"];
  const line = [
    "run",
    "--name",
    "one",
    ...ALONE,
    ...options,
    ...tag,
    "--env-file",
    "env",
    "base",
    "printf",
    "x\\ny\\n",
  ];
  await box.ok(...line);
  assert.equal(await box.ok("logs", "--details", "one"), "B=2,a=1%201,tag=one x\nB=2,a=1%201,tag=one y");
  assert.match(await box.ok("logs", "--details", "-t", "--tail", "1", "one"), /^2\S+Z B=2,a=1%201,tag=one y$/);
  assert.equal(await box.ok("logs", "one"), "x\ny");
});

engineTest("docker's words for lists, events, statistics and versions", async (box) => {
  await box.ok("run", "-d", "--name", "one", ...ALONE, "base", "sh", "-c", "sleep 1000");
  await box.ok("create", "--name", "idle", ...ALONE, "--cap-add", "net_admin", "base", "true");
  const command = await box.ok("ps", "--no-trunc", "--format", "{{.Command}} {{.Platform}}");
  assert.equal(command, `"sh -c 'sleep 1000'" <nil>`);
  assert.match(await box.ok("ps"), /^CONTAINER ID {3}IMAGE {5}COMMAND +CREATED +STATUS +PORTS {5}NAMES\n/);
  assert.equal(await box.ok("ps", "-f", "exited=0"), await box.ok("ps", "-f", "name=nosuch"));
  assert.match(
    await box.ok("top", "one", "-o", "pid,args"),
    /^PID {17}COMMAND\n(\d+) {10,18}(sh -c )?sleep 1000(\n|$)/,
  );
  const statistics = ["stats", "--no-stream", "--format", "{{.Container}} {{.PIDs}}"];
  assert.equal(await box.ok(...statistics, "one"), "one 1");
  assert.equal(
    await box.inspect("idle", "{{json .HostConfig.CapAdd}} {{.HostConfig.Isolation}}"),
    '["CAP_NET_ADMIN"] ',
  );
  assert.match(await box.inspect("idle", "{{.HostConfig.CgroupnsMode}}"), /^(host|private)$/);
  const [one, two] = JSON.parse(await box.ok("inspect", "-f", "json", "one", "idle")) as { Name: string }[];
  assert.deepEqual([one?.Name, two?.Name], ["/one", "/idle"]);
  const events = ["events", "--since", "10m", "--until", "0s", "--filter", "event=start", "--format"];
  assert.match(await box.ok(...events, "{{.Status}} {{.From}} {{.ID}}"), /^start base [0-9a-f]{64}$/);
  const [event] = (await box.ok(...events, "json")).split("\n").map((line) => JSON.parse(line) as { status?: string });
  assert.equal(event?.status, "start");
  assert.match(await box.ok("version", "--format", "{{.Server.Version}} {{.Server.Os}}"), /^\d+\.\d+\.\d+\S* linux$/);
  assert.match(await box.ok("history", "--human=false", "--format", "{{.Size}}", "base"), /^\d+$/);
  assert.match(await box.ok("container", "--help"), /^ {2}container run +make a container and start it$/m);
  assert.equal(await box.ok("volume", "create", "--name", "given", "-l", "a=b"), "given");
});
