/**
 * The founding book, chapter by chapter, with its own commands, and what its program did wrong. What that was with networks
 * is tested beside them: records of more than 2000 bytes (network-sandbox), addresses that are freed (network-containers),
 * rules that go and ports of the host itself (network-firewall), disconnecting (network-containers); user namespaces in
 * engine-user and cgroup v2 in engine-unified.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { monitorOf } from "../helpers/engine-monitor.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { Terminal } from "../helpers/terminal.ts";

const ALONE = ["-net", "none"] as const;

engineTest("3.1 run: a shell on a terminal is process 1, and its status is ours", async (box) => {
  const terminal = Terminal.run(33, 101, box.argv("run", "-ti", ...ALONE, "base", "sh"));
  await terminal.waitFor(/# /);
  terminal.type("stty size; cat /proc/1/comm; tty\n");
  await terminal.waitFor(/33 101\s+sh\s+\/dev\/pts\/0\s/);
  terminal.resize(20, 70);
  terminal.type("until test \"$(stty size)\" = '20 70'; do :; done; echo follow''ed\n");
  await terminal.waitFor(/followed/);
  const listener = 'trap "echo interr""upted; exit" INT; echo rea""dy; while :; do sleep 0.05; done';
  terminal.type(`sh -c '${listener}'\n`);
  await terminal.waitFor(/ready\r\n/);
  terminal.type("\u0003");
  await terminal.waitFor(/interrupted/);
  terminal.type("exit 5\n");
  assert.deepEqual(await terminal.ended(), { status: 5, isModeRestored: true });
});

engineTest("3.1 run: the terminal is as it was also after a crash, and the container goes on", async (box) => {
  // Whoever called goes on, and sees the monitor put the terminal right.
  const caller = `sh -c 'echo "pid $$"; exec "$@"' sh "$@"; until stty -a | grep -q ' icanon'; do sleep 0.05; done`;
  const run = box.argv("run", "-ti", "-name", "bird", ...ALONE, "base", "sh");
  const terminal = Terminal.run(24, 80, ["/bin/sh", "-c", caller, "sh", ...run]);
  await terminal.waitFor(/# /);
  process.kill(Number(/pid (\d+)/.exec(terminal.shown)?.[1]), "SIGKILL");
  assert.equal((await terminal.ended()).isModeRestored, true);
  assert.equal(await box.inspect("bird", "{{.State.Status}}"), "running");
});

engineTest("3.2 cgroups: -m, -cpushare and -cpuset are in force, and gone afterwards", async (box) => {
  const id = await box.ok(
    "run",
    "-d",
    "-m",
    "100m",
    "-cpushare",
    "512",
    "-cpuset",
    "0",
    ...ALONE,
    "base",
    "sleep",
    "1000",
  );
  assert.match(await box.ok("exec", id, "cat", "/proc/self/status"), /Cpus_allowed_list:\s+0\n/);
  const memory = `/sys/fs/cgroup/memory/mydocker/${id}/memory.limit_in_bytes`;
  if (existsSync("/sys/fs/cgroup/memory")) {
    assert.equal(readFileSync(memory, "utf8").trim(), String(100 << 20));
    assert.equal(readFileSync(`/sys/fs/cgroup/cpu/mydocker/${id}/cpu.shares`, "utf8").trim(), "512");
  }
  await box.ok("rm", "-f", id);
  assert.equal(existsSync(memory), false);
});

engineTest("3.3 pipe: every argument arrives as it was", async (box) => {
  const words = ["a b", "", "c\nd", "'\"$HOME", "x".repeat(131_071)];
  const script = 'for word; do printf "<%s>" "$word"; done';
  const { stdout } = await box.call(["run", "--rm", ...ALONE, "base", "sh", "-c", script, "sh", ...words]);
  assert.equal(stdout, words.map((word) => `<${word}>`).join(""));
});

engineTest(
  "4.1 a busybox for a root: pivot_root leaves nothing of the host, and the host's mounts stay as they were",
  async (box) => {
    const mounts = () =>
      readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line.includes(box.directory));
    const before = mounts();
    const script = "ls -a /; cat /proc/self/mountinfo; ls /dev/pts; mount | grep -c ' / '";
    const shown = await box.ok("run", "--rm", ...ALONE, "base", "sh", "-c", script);
    assert.match(shown, /^\.dockerenv$/m);
    assert.doesNotMatch(shown, /\.pivot_root|\.old_root|put_old/);
    assert.match(shown, / \/proc rw,nosuid,nodev,noexec/);
    assert.match(shown, / \/dev rw,nosuid.* mode=755|- tmpfs tmpfs rw,.*mode=755/);
    assert.match(shown, /\n1$/);
    assert.deepEqual(mounts(), before);
  },
);

engineTest("4.2 the image stays as it was, and what a container writes goes with it", async (box) => {
  const script = "echo x > /new; rm /etc/passwd; test -e /etc/passwd || cat /new";
  assert.equal(await box.ok("run", "--rm", ...ALONE, "base", "sh", "-c", script), "x");
  assert.equal(
    await box.ok(
      "run",
      "--rm",
      ...ALONE,
      "base",
      "sh",
      "-c",
      "test -e /etc/passwd && ls /new 2>/dev/null || echo gone",
    ),
    "gone",
  );
});

engineTest("4.3 volumes: -v shows a directory of the host, which outlives the container", async (box) => {
  const source = join(box.directory, "made/by/us");
  const both = await box.ok(
    "run",
    "--rm",
    "-v",
    `${source}:/data`,
    "-v",
    `${box.directory}:/all:ro`,
    ...ALONE,
    "base",
    "sh",
    "-c",
    "echo kept > /data/file; cat /all/made/by/us/file",
  );
  assert.equal(both, "kept");
  assert.equal(readFileSync(join(source, "file"), "utf8"), "kept\n");
  const readOnly = await box.call(["run", "--rm", "-v", `${source}:/data:ro`, ...ALONE, "base", "touch", "/data/file"]);
  assert.notEqual(readOnly.status, 0);
  const missing = ["--mount", `type=bind,source=${box.directory}/none,target=/data`];
  const refused = await box.call(["run", "--rm", ...missing, ...ALONE, "base", "true"]);
  assert.equal(refused.status, 125);
  assert.match(refused.stderr, /bind source path does not exist: .*\/none/);
  // Of the containers nothing is left.
  for (const place of ["root/containers", "run/containers"]) {
    assert.deepEqual(
      readdirSync(join(box.directory, place)).filter((name) => /^[0-9a-f]{64}$/.test(name)),
      [],
      place,
    );
  }
  assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(box.directory));
});

engineTest(
  "4.4 commit: an image of what a container has changed, with its config, which runs, and leaves as a tar",
  async (box) => {
    const change = "echo packed > /packed; chown 3:4 /packed; chmod 4750 /packed; rm /etc/group";
    await box.ok("run", "-name", "bird", "-e", "bird=123", ...ALONE, "base", "sh", "-c", change);
    await box.ok("commit", "bird", "packed");
    const look = "cat /packed; stat -c '%a %u %g' /packed; echo $bird; test -e /etc/group || echo gone";
    assert.equal(await box.ok("run", "--rm", ...ALONE, "packed", "sh", "-c", look), "packed\n4750 3 4\n123\ngone");
    const [base, packed] = [
      await box.inspect("base", "{{len .RootFS.Layers}}"),
      await box.inspect("packed", "{{len .RootFS.Layers}}"),
    ];
    assert.equal(Number(packed), Number(base) + 1);
    await box.ok("export", "-o", "packed.tar", "bird");
    // A name that ends in .tar is a plain tar: the original's were gzip, and lost owners and modes.
    const { stdout } = await box.program("tar", "--numeric-owner", "-tvf", "packed.tar", "./packed", "packed");
    assert.match(stdout, /^-rwsr-x--- 3\/4 +7 .*packed$/m);
  },
);

engineTest("5.1 -d: the id is printed, and the container outlives its caller", async (box) => {
  const id = await box.ok(
    "run",
    "-ti",
    "-d",
    ...ALONE,
    "base",
    "sh",
    "-c",
    "until test -e /go; do sleep 0.05; done; exit 7",
  );
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(await box.inspect(id, "{{.State.Status}}"), "running");
  const monitor = monitorOf(box, id) ?? assert.fail("no monitor");
  const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${monitor}/status`, "utf8"))?.[1];
  // Whoever called has ended: init has it, or who takes its place for this test.
  assert.doesNotMatch(readFileSync(`/proc/${parent}/cmdline`, "utf8"), /mydocker/);
  await box.ok("exec", id, "touch", "/go");
  assert.equal(await box.ok("wait", id), "7");
  assert.equal(await box.inspect(id, "{{.State.ExitCode}}"), "7");
});

engineTest("5.2 ps: names, states and commands, as the kernel has them", async (box) => {
  await box.ok("run", "-d", "-name", "bird", ...ALONE, "base", "sleep", "1000");
  const twice = await box.call(["run", "-d", "-name", "bird", ...ALONE, "base", "true"]);
  assert.equal(twice.status, 125);
  assert.match(twice.stderr, /The container name "\/bird" is already in use by container "[0-9a-f]{64}"/);
  const pid = Number(await box.inspect("bird", "{{.State.Pid}}"));
  process.kill(pid, "SIGKILL");
  await box.ok("wait", "bird");
  assert.equal(await box.ok("ps", "-q"), "");
  assert.match(await box.ok("ps", "-a"), /"sleep 1000" .* Exited \(137\) .* bird/);
});

engineTest("5.3 logs: both streams, in order, each where it belongs", async (box) => {
  await box.ok("run", "-d", "-name", "bird", ...ALONE, "base", "sh", "-c", "echo one; echo two >&2; printf three");
  await box.ok("wait", "bird");
  const { stdout, stderr } = await box.call(["logs", "bird"]);
  assert.deepEqual([stdout, stderr], ["one\nthree", "two\n"]);
  assert.match((await box.call(["logs", "-t", "--tail", "1", "bird"])).stdout, /^\d{4}-\d\d-\d\dT[\d:.]+Z three$/);
});

engineTest("5.4 exec: in the container, with its environment, and with the program's own status", async (box) => {
  await box.ok("run", "-d", "-name", "bird", "-e", "bird=123", "-e", "luck=bird", ...ALONE, "base", "sleep", "1000");
  const { stdout } = await box.call(["exec", "bird", "env"], { env: { SECRET: "no" } });
  assert.match(stdout, /^bird=123\nluck=bird$/m);
  assert.doesNotMatch(stdout, /SECRET/);
  assert.equal((await box.call(["exec", "bird", "sh", "-c", "exit 9"])).status, 9);
  assert.equal((await box.call(["exec", "bird", "nosuch"])).status, 127);
  assert.equal((await box.call(["exec", "bird", "/etc"])).status, 126);
  assert.equal((await box.call(["exec", "-i", "bird", "cat"], { stdin: "through\n" })).stdout, "through\n");
});

engineTest("5.5 stop: waits, and kills what does not listen", async (box) => {
  await box.ok("run", "-d", "-name", "deaf", ...ALONE, "base", "sh", "-c", "trap '' TERM; while :; do sleep 1; done");
  await box.ok("stop", "-t", "1", "deaf");
  assert.equal(await box.inspect("deaf", "{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}"), "exited 137 0");
  await box.ok("stop", "deaf");
});

engineTest("5.6 rm: not what runs, and everything of what does not", async (box) => {
  const id = await box.ok("run", "-d", "-name", "bird", ...ALONE, "base", "sleep", "1000");
  const refused = await box.call(["rm", "bird"]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /stop the container before removing or force remove/);
  await box.ok("rm", "-f", "bird");
  for (const place of ["root/containers", "root/overlay2", "run/containers"]) {
    assert.equal(existsSync(join(box.directory, place, id)), false, place);
  }
  assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(id));
  await box.ok("run", "--rm", "-name", "bird", ...ALONE, "base", "true");
});

engineTest("5.7 each container has its own files", async (box) => {
  const [a, b] = [
    await box.ok("run", "-d", ...ALONE, "base", "sleep", "1000"),
    await box.ok("run", "-d", ...ALONE, "base", "sleep", "1000"),
  ];
  await box.ok("exec", a, "touch", "/mine");
  assert.equal((await box.call(["exec", b, "cat", "/mine"])).status, 1);
});

engineTest("5.8 -e: what is set is there, and nothing of the host's", async (box) => {
  const { stdout } = await box.call(["run", "--rm", "-e", "bird=123", "-e", "FROM_HOST", ...ALONE, "base", "env"], {
    env: { FROM_HOST: "yes", SECRET: "no" },
  });
  assert.match(stdout, /^bird=123$/m);
  assert.match(stdout, /^FROM_HOST=yes$/m);
  assert.doesNotMatch(stdout, /SECRET/);
});

engineTest("what the original left unsaid is said: no command, no image, a command that is not there", async (box) => {
  for (const words of [["run"], ["run", "-ti"]]) {
    const none = await box.call(words);
    assert.deepEqual([none.status, /Missing container command/.test(none.stderr)], [1, true]);
  }
  const image = await box.call(["run", "nosuchimage", "true"]);
  assert.equal(image.status, 125);
  assert.match(image.stderr, /No such image/);
  const missing = await box.call(["run", "--rm", ...ALONE, "base", "nosuch"]);
  assert.equal(missing.status, 127);
  assert.match(missing.stderr, /"nosuch": executable file not found in \$PATH, which is ".*:\/usr\/bin:.*"/);
  assert.equal((await box.call(["run", "--rm", ...ALONE, "base", "/etc"])).status, 126);
  assert.equal(await box.ok("ps", "-aq"), "");
});

engineTest("the program's own words go to stderr", async (box) => {
  const run = await box.call(["--debug", "run", "--rm", "--restart", "no", ...ALONE, "base", "echo", "only this"]);
  assert.equal(run.stdout, "only this\n");
  const failed = await box.call(["run", "--rm", ...ALONE, "base", "nosuch"]);
  assert.deepEqual([failed.stdout, failed.stderr.split("\n").length], ["", 2]);
});

engineTest("directories have the modes that they should, whatever the caller's mask", async (box) => {
  const masked = (mask: string, ...words: readonly string[]) =>
    box.program("sh", "-c", 'umask "$0"; exec "$@"', mask, ...box.argv(...words));
  await masked("0", "run", "-d", ...ALONE, "base", "sleep", "1000");
  const { stdout } = await box.program("find", "root", "run", "-maxdepth", "2", "-type", "d", "-perm", "/022");
  assert.equal(stdout, "");
  await masked("077", "image", "build-base", "masked");
  const places = ["/", "/etc", "/data", "/made"];
  const mounts = ["-v", "/data", "-v", `${box.directory}/made:/made`];
  const look = ["sh", "-c", `umask; stat -c "%a %n" ${places.join(" ")}`];
  const shown = await masked("077", "run", "--rm", "--init", "-u", "1000", ...mounts, ...ALONE, "masked", ...look);
  assert.equal(shown.stdout, ["0022", ...places.map((place) => `755 ${place}`), ""].join("\n"), shown.stderr);
});

engineTest("a cgroup of a detached container stays as long as it runs, however its caller ends", async (box) => {
  const running = box.start(["run", "--name", "bird", "-m", "50m", ...ALONE, "base", "sleep", "1000"]);
  const id = await box.untilRunning("bird");
  const places = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"].map((root) => `${root}/mydocker/${id}`);
  assert.ok(places.some((place) => existsSync(place)));
  process.kill(running.pid, "SIGKILL");
  await running.ended;
  assert.ok(places.some((place) => existsSync(place)));
  assert.equal(await box.ok("exec", "bird", "echo", "still here"), "still here");
  await box.ok("rm", "-f", "bird");
  assert.ok(!places.some((place) => existsSync(place)));
});

engineTest("a root filesystem that is a directory is never written to", async (box) => {
  mkdirSync(join(box.directory, "empty"));
  const { stdout } = await box.call([
    "run",
    "--rm",
    ...ALONE,
    "--rootfs",
    "/",
    "sh",
    "-c",
    "echo changed > /mydocker-test; cat /mydocker-test",
  ]);
  assert.equal(stdout, "changed\n");
  assert.equal(existsSync("/mydocker-test"), false);
});
