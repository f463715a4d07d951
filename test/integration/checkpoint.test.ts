import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { needsCriu, needsOurs, needsProgram } from "../helpers/needs.ts";
import { type ProgramOptions, RunningProgram } from "../helpers/run-program.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

containerTest(
  "checkpoint and restore take a container from one moment to a later one",
  async (box) => {
    await running(box);
    const images = box.path("images");
    const before = (await box.runtime(["exec", box.id, "/probe", "write", "/dev/shm/mark", "text"])).status;
    assert.equal(before, 0);
    assertSuccess(await box.runtime(["checkpoint", "--image-path", images, box.id]));
    assert.notEqual((await box.runtime(["state", box.id])).status, 0);
    const id = box.otherId("restored");
    const flags = ["--image-path", images, "--bundle", box.bundle, "--detach", "--pid-file", box.path("pid")];
    assertSuccess(await box.runtime(["restore", ...flags, id]));
    const state = JSON.parse((await box.runtime(["state", id])).stdout);
    assert.deepEqual([state.status, String(state.pid)], ["running", readFileSync(box.path("pid"), "utf8")]);
    const { stdout } = await box.runtime(["exec", id, "/probe", "cat", "/dev/shm/mark"]);
    assert.equal(stdout, '"text"\n');
    assert.ok(readFileSync(`/proc/${state.pid}/cgroup`, "utf8").includes(id));
  },
  { needs: [needsCriu] },
);

containerTest(
  "a checkpoint after a pre-dump takes what has changed, from a container that has run on, and is restored with both",
  async (box) => {
    await running(box);
    const parent = ["--image-path", box.path("first")];
    assertSuccess(await box.runtime(["checkpoint", "--pre-dump", ...parent, box.id]));
    assert.equal((await box.state()).status, "running");
    await box.must("exec", "/probe", "write", "/dev/shm/mark", "later");
    const images = ["--image-path", box.path("second")];
    assertSuccess(await box.runtime(["checkpoint", "--parent-path", "../first", ...images, box.id]));
    assert.equal(readlinkSync(box.path("second/parent")), "../first");
    assertSuccess(await box.runtime(["restore", ...images, "--bundle", box.bundle, "--detach", box.id]));
    assert.equal((await box.state()).status, "running");
    assert.equal((await box.must("exec", "/probe", "cat", "/dev/shm/mark")).stdout, '"later"\n');
  },
  { needs: [needsCriu] },
);

containerTest(
  "checkpoint --leave-running leaves the container as it is, and its images make another one",
  async (box) => {
    await running(box);
    const images = ["--image-path", box.path("images")];
    const { pid } = await box.state();
    assertSuccess(await box.runtime(["checkpoint", "--leave-running", ...images, box.id]));
    const id = box.otherId("copy");
    assertSuccess(await box.runtime(["restore", ...images, "--bundle", box.bundle, "--detach", id]));
    assert.deepEqual([(await box.state()).status, (await box.state()).pid], ["running", pid]);
    assert.equal(JSON.parse((await box.runtime(["state", id])).stdout).status, "running");
  },
  { needs: [needsCriu] },
);

containerTest(
  "the pipes of a container are those of the command that restores it",
  async (box) => {
    box.setCommands(["signals", "9"]);
    box.writeConfig();
    const first = piped(box, "run", "--detach", "--bundle", box.bundle, box.id);
    await first.waitForOutput(/ready/);
    const images = ["--image-path", box.path("images")];
    assertSuccess(await box.runtime(["checkpoint", ...images, box.id]));
    await first.ended;
    const flags = ["--bundle", box.bundle, "--detach", "--pid-file", box.path("pid")];
    const second = piped(box, "restore", ...images, ...flags, box.id);
    await box.fileHas(box.path("pid"), /\d/);
    await box.waitForStatus("running");
    await box.must("kill", "USR1");
    await second.waitForOutput(/"signal":10\b/);
    assert.doesNotMatch(first.stdout, /"signal":10\b/);
    await box.must("delete", "--force");
    await second.ended;
  },
  { needs: [needsCriu] },
);

/** The runtime with its standard output, and the container's, in a pipe whose other end is in this program's file. */
function piped(box: TestBox, ...args: readonly string[]): RunningProgram {
  const script = '"$@" </dev/null 2>/dev/null | cat';
  return new RunningProgram(box.directory, ["sh", "-c", script, "sh", ...box.argv(args)]);
}

containerTest(
  "a network namespace that the config names is not in the images: the container is in it again",
  async (box) => {
    const name = `mdr${process.pid}`;
    assertSuccess(await box.program(["ip", "netns", "add", name]));
    try {
      const network = { type: "network", path: `/run/netns/${name}` };
      box.config.linux.namespaces = [...box.config.linux.namespaces.filter(({ type }) => type !== "network"), network];
      await running(box);
      const before = await networkOf(box);
      const images = ["--image-path", box.path("images")];
      assertSuccess(await box.runtime(["checkpoint", ...images, box.id]));
      assertSuccess(await box.runtime(["restore", ...images, "--bundle", box.bundle, "--detach", box.id]));
      assert.equal(await networkOf(box), before);
      await box.must("delete", "--force");
    } finally {
      await box.program(["ip", "netns", "delete", name]);
    }
  },
  { needs: [needsCriu, needsProgram("ip")] },
);

async function networkOf(box: TestBox): Promise<string> {
  return readlinkSync(`/proc/${(await box.state()).pid}/ns/net`);
}

containerTest(
  "checkpoint calls criu with what its flags ask for, and deletes the container",
  async (box) => {
    await running(box);
    const { pid } = await box.state();
    const options = fakeCriu(box, 'for p in $(cat "$TREE"); do kill -9 $p; done', { TREE: box.path("tree") });
    writeFileSync(box.path("tree"), String(pid));
    const flags = ["--tcp-established", "--file-locks", "--manage-cgroups-mode", "full", "--status-fd", "3"];
    const result = await box.runtime(["checkpoint", ...flags, "--image-path", box.path("images"), box.id], options);
    assertSuccess(result);
    const args = readFileSync(box.path("criu-args"), "utf8").split("\n");
    assert.deepEqual(args.slice(0, 3), ["dump", "--tree", String(pid)]);
    for (const flag of ["--tcp-established", "--file-locks", "--manage-cgroups=full", "--status-fd"]) {
      assert.ok(args.includes(flag), flag);
    }
    assert.deepEqual(JSON.parse(readFileSync(box.path("images/descriptors.json"), "utf8")).length, 3);
    await box.assertNoTraces();
  },
  { needs: [needsOurs] },
);

containerTest(
  "checkpoint calls the program that --criu names, and says when it is not there",
  async (box) => {
    await running(box);
    fakeCriu(box, "exit 0");
    const args = ["checkpoint", "--leave-running", "--image-path", box.path("images"), box.id];
    assertSuccess(await box.runtime(["--criu", box.path("bin/criu"), ...args]));
    assert.ok(existsSync(box.path("criu-args")));
    const { status, stderr } = await box.runtime(["--criu", box.path("nothing"), ...args]);
    assert.equal(status, 1);
    assert.match(stderr, /Cannot checkpoint container ".*": ".*nothing" does not exist \(--criu\)/);
  },
  { needs: [needsOurs] },
);

for (const flag of ["--leave-running", "--pre-dump"]) {
  containerTest(
    `checkpoint ${flag} keeps the container`,
    async (box) => {
      await running(box);
      const args = ["checkpoint", flag, "--image-path", box.path("images"), box.id];
      assertSuccess(await box.runtime(args, fakeCriu(box, "exit 0")));
      assert.equal((await box.state()).status, "running");
    },
    { needs: [needsOurs] },
  );
}

containerTest(
  "checkpoint that fails tells criu's own reason, and the container runs on",
  async (box) => {
    await running(box);
    const options = fakeCriu(
      box,
      `printf '%s\\n' '(00.01) Error (criu/x.c:1): no way out' > ${box.path("work/dump.log")}; exit 1`,
    );
    const flags = ["--image-path", box.path("images"), "--work-path", box.path("work")];
    const result = await box.runtime(["checkpoint", ...flags, box.id], options);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /criu: no way out.*dump\.log/);
    assert.equal((await box.state()).status, "running");
  },
  { needs: [needsOurs] },
);

containerTest(
  "checkpoint and restore say when there is no criu",
  async (box) => {
    await running(box);
    const env = { PATH: box.path("empty") };
    for (const args of [
      ["checkpoint", "--image-path", box.path("images"), box.id],
      ["restore", "--image-path", box.path("images"), "--bundle", box.bundle, box.otherId("new")],
    ]) {
      const result = await box.runtime(args, { env });
      assert.equal(result.status, 1);
      assert.match(result.stderr, /no program "criu"/);
    }
  },
  { needs: [needsOurs] },
);

containerTest(
  "checkpoint refuses a container that does not run, and earlier images that are not there",
  async (box) => {
    const options = fakeCriu(box, "exit 0");
    box.setCommands(["sleep", "60000"]);
    await box.created();
    const created = await box.runtime(["checkpoint", "--image-path", box.path("images"), box.id], options);
    assert.match(created.stderr, /cannot checkpoint a created container/);
    await box.must("start");
    const flags = ["--image-path", box.path("images"), "--parent-path", "../nowhere"];
    const orphan = await box.runtime(["checkpoint", ...flags, box.id], options);
    assert.match(orphan.stderr, /"\.\.\/nowhere".*--parent-path/);
    assert.ok(!existsSync(box.path("criu-args")));
  },
  { needs: [needsOurs] },
);

containerTest(
  "restore runs criu in the container's cgroup, and takes over the process that it has made",
  async (box) => {
    box.setCommands(["sleep", "60000"]);
    box.writeConfig();
    writeImages(box);
    // Its pid file is the fourth word.
    const options = fakeCriu(box, '/bin/sleep 60 & echo $! > "$5"; cat /proc/self/cgroup > "$CGROUPS"', {
      CGROUPS: box.path("criu-cgroups"),
    });
    const flags = ["--image-path", box.path("images"), "--bundle", box.bundle, "--pid-file", box.path("pid")];
    assertSuccess(await box.runtime(["restore", "--detach", ...flags, box.id], options));
    const { status, pid } = await box.state();
    assert.deepEqual([status, String(pid)], ["running", readFileSync(box.path("pid"), "utf8")]);
    assert.ok(readFileSync(box.path("criu-cgroups"), "utf8").includes(box.id));
    const args = readFileSync(box.path("criu-args"), "utf8");
    assert.match(args, /^restore\n--restore-detached\n--restore-sibling\n--pidfile\n/);
    assert.match(args, /\n--inherit-fd\nfd\[1\]:pipe:\[7\]\n/);
    await box.must("delete", "--force");
  },
  { needs: [needsOurs] },
);

containerTest(
  "restore that fails tells criu's own reason, and leaves nothing",
  async (box) => {
    box.setCommands(["sleep", "60000"]);
    box.writeConfig();
    writeImages(box);
    const log = box.path("images/restore.log");
    const options = fakeCriu(box, `printf '%s\\n' '(00.01) Error (criu/x.c:1): no way back' > ${log}; exit 1`);
    const flags = ["--image-path", box.path("images"), "--bundle", box.bundle];
    const result = await box.runtime(["restore", ...flags, box.id], options);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /criu: no way back.*restore\.log/);
    await box.assertNoTraces();
    assert.match((await box.runtime(["state", box.id])).stderr, /does not exist/);
  },
  { needs: [needsOurs] },
);

containerTest(
  "restore and checkpoint refuse a container with a terminal",
  async (box) => {
    box.config.process.terminal = true;
    box.setCommands(["sleep", "60000"]);
    box.writeConfig();
    writeImages(box);
    const flags = ["--image-path", box.path("images"), "--bundle", box.bundle, "--detach"];
    const result = await box.runtime(["restore", ...flags, box.id], fakeCriu(box, "exit 0"));
    assert.match(result.stderr, /Cannot restore a container with a terminal/);
    await box.assertNoTraces();
  },
  { needs: [needsOurs] },
);

async function running(box: TestBox): Promise<void> {
  box.setCommands(["sleep", "60000"]);
  box.writeConfig();
  // criu can take along no file that is outside: the container's streams are /dev/null.
  const argv = box.argv(["run", "--detach", "--bundle", box.bundle, box.id]);
  assertSuccess(await box.program(["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", ...argv]));
  await box.waitForStatus("running");
}

/** A program of this name that notes its arguments, a line each, and does what the script says; $TREE and so on are its. */
function fakeCriu(box: TestBox, script: string, env: Readonly<Record<string, string>> = {}): ProgramOptions {
  const directory = box.path("bin");
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "criu");
  const note = `printf '%s\\n' "$@" > ${box.path("criu-args")}`;
  writeFileSync(file, `#!/bin/sh\n${note}\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n${script}\n`);
  chmodSync(file, 0o755);
  return { env: { ...env, PATH: directory } };
}

/** As much of a checkpoint as restore looks into. */
function writeImages(box: TestBox): void {
  mkdirSync(box.path("images"));
  writeFileSync(box.path("images/descriptors.json"), '["/dev/null","pipe:[7]","/dev/null"]');
}
