/** What docker's users write, and how a word that means nothing here is refused. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineTest } from "../helpers/engine-test.ts";

const ALONE = ["--network", "none"] as const;

engineTest("what is no mode, place, filter, condition or runtime is refused, and leaves nothing", async (box) => {
  await box.ok("run", "-d", "--name", "web", ...ALONE, "base", "sleep", "1000");
  const run = (...words: readonly string[]) => ["run", "--rm", ...ALONE, ...words, "base", "true"];
  for (const [words, status, message] of [
    [run("-v", "/tmp:/x:ro", "-v", "/var:/x"), 125, /Duplicate mount point: \/x/],
    [run("--userns", "keep-id"), 125, /invalid USER mode/],
    [run("--pid", "private"), 125, /invalid PID mode/],
    [run("--ipc", "container:web"), 125, /non-shareable IPC/],
    [run("--runtime", "nosuch"), 125, /^mydocker: unknown or invalid runtime name: nosuch.*\n$/],
    [run("-v", "/anonymous", "--log-opt", "max-size=much"), 125, /max-size/],
    [["ps", "-f", "status=nosuch"], 1, /invalid filter 'status=nosuch'/],
    [["container", "prune", "-f", "--filter", "bad=1"], 1, /invalid filter 'bad'/],
    [["wait", "--condition", "bad", "web"], 1, /invalid condition: "bad"/],
    [["rename", "web", "web"], 1, /same name/],
    [["exec", "nosuch", "true"], 1, /No such container: nosuch/],
  ] as const) {
    const result = await box.call(words);
    assert.deepEqual(
      [result.status, message.test(result.stderr)],
      [status, true],
      `${words.join(" ")}: ${result.stderr}`,
    );
  }
  assert.equal(await box.ok("ps", "-aq", "--format", "{{.Names}}"), await box.ok("ps", "-q"));
  assert.equal(await box.ok("volume", "ls", "-q"), "");
});

engineTest("apparmor=unconfined runs on every host, with AppArmor and without", async (box) => {
  await box.ok("run", "--rm", ...ALONE, "--security-opt", "apparmor=unconfined", "base", "true");
});

engineTest("an IPC namespace that is shared comes with its /dev/shm, which goes with its owner", async (box) => {
  await box.ok("run", "-d", "--name", "owner", "--ipc", "shareable", ...ALONE, "base", "sleep", "1000");
  await box.ok("run", "--rm", "--ipc", "container:owner", ...ALONE, "base", "sh", "-c", "echo seen > /dev/shm/file");
  assert.equal(await box.ok("exec", "owner", "cat", "/dev/shm/file"), "seen");
  await box.ok("restart", "-t", "0", "owner");
  assert.notEqual((await box.call(["exec", "owner", "cat", "/dev/shm/file"])).status, 0);
  await box.ok("rm", "-f", "owner");
});

engineTest("rro makes read-only what is mounted below as well", async (box) => {
  const write = "touch /data/below/file";
  for (const [mode, status] of [
    ["ro", 0],
    ["rro", 1],
  ] as const) {
    const script = `mount -t tmpfs tmpfs /outer/below && exec ${box.argv("run", "--rm", ...ALONE).join(" ")}`;
    mkdirSync(join(box.directory, "outer/below"), { recursive: true });
    const inside = `-v ${box.directory}/outer:/data:${mode} base ${write}`;
    const { spawnSync } = await import("node:child_process");
    const words = script.replace("/outer/below", `${box.directory}/outer/below`);
    const result = spawnSync("unshare", ["--mount", "sh", "-c", `${words} ${inside}`], { encoding: "utf8" });
    assert.equal(result.status, status, `${mode}: ${result.stderr}`);
  }
});

engineTest("rshared hands mounts on to the host, and is refused where the host's mount is not shared", async (box) => {
  const shared = join(box.directory, "shared");
  mkdirSync(shared);
  const mounting = "mkdir -p /x/m; mount -t tmpfs tmpfs /x/m";
  const run = ["run", "--rm", "--cap-add", "SYS_ADMIN", "-v", `${shared}:/x:rshared`, ...ALONE, "base", "sh", "-c"];
  const tried = (propagation: string) =>
    box.program(
      ...["unshare", "--mount", "sh", "-c"],
      `mount -t tmpfs tmpfs "$0"; mount --make-${propagation} "$0"; "$@"; status=$?; mountpoint -q "$0/m"; echo $status $?`,
      ...[shared, ...box.argv(...run, mounting)],
    );
  assert.equal((await tried("shared")).stdout, "0 0\n");
  const refused = await tried("private");
  assert.match(refused.stdout, /^125 /);
  assert.match(
    refused.stderr,
    /path (.*) is mounted on \1 but it is not a shared mount; fix: mount --make-shared \1$/m,
  );
});

engineTest("ps has the columns of the book, labels and times as docker writes them", async (box) => {
  const id = await box.ok("run", "-d", "--name", "web", "-l", "tier=front", ...ALONE, "base", "sleep", "1000");
  const [head, line] = (await box.ok("ps", "--seed")).split("\n");
  assert.match(head ?? "", /^ID +NAME +PID +STATUS +COMMAND +CREATED$/);
  const pid = await box.inspect("web", "{{.State.Pid}}");
  assert.match(
    line ?? "",
    new RegExp(`^${id.slice(0, 12)} +web +${pid} +running +"sleep 1000" +2[0-9-]+ [0-9:]+ \\+0000 UTC$`),
  );
  await box.ok("create", "--name", "quoted", "base", "sh", "-c", "echo a b");
  const command = ["ps", "-a", "--no-trunc", "--filter", "name=quoted", "--format", "{{.Command}}"];
  assert.equal(await box.ok(...command), "\"sh -c 'echo a b'\"");
  assert.equal(await box.ok("ps", "--format", '{{.Names}} {{.Label "tier"}} {{.Label "none"}}|'), "web front |");
  const [rw, all] = (await box.ok("inspect", "-s", "-f", "{{.SizeRw}} {{.SizeRootFs}}", "web")).split(" ").map(Number);
  assert.ok(rw === 0 && (all ?? 0) > 100_000);
});

engineTest("wait waits for the next end, and until a container is gone", async (box) => {
  await box.ok("create", "--name", "later", ...ALONE, "base", "sh", "-c", "exit 3");
  const next = box.start(["wait", "--condition", "next-exit", "later"]);
  const removed = box.start(["wait", "--condition", "removed", "later"]);
  let isOver = false;
  const over = next.ended.then(() => {
    isOver = true;
  });
  // It may begin to wait after the first of these; each must have ended before the container is removed.
  while (!isOver) await box.call(["start", "-a", "later"]);
  await over;
  assert.deepEqual([(await next.ended).stdout, removed.stdout], ["3\n", ""]);
  await box.ok("rm", "later");
  assert.equal((await removed.ended).stdout, "3\n");
});

engineTest("volume prune takes a volume that was made without a name, and no other", async (box) => {
  const id = await box.ok("volume", "create");
  await box.ok("volume", "create", "named");
  assert.match(await box.ok("volume", "prune", "-f"), new RegExp(id));
  assert.equal(await box.ok("volume", "ls", "-q"), "named");
});

engineTest("a full disk is named with what was to be written to it", async (box) => {
  await box.ok("create", "--name", "one", "base", "true");
  for (const command of ["graph", "export"]) {
    const { status, stderr } = await box.call([command, "-o", "/dev/full", "one"]);
    assert.deepEqual(
      [status, stderr.split(": ENOSPC")[0]],
      [1, 'mydocker: Cannot write to "/dev/full": no space left on device'],
    );
  }
});

engineTest("an archive whose reader goes away ends in one sentence", async (box) => {
  await box.ok("create", "--name", "one", "base", "true");
  writeFileSync(join(box.directory, "big"), createHash("sha256").update("x").digest("hex").repeat(100_000));
  await box.ok("cp", "big", "one:/big");
  const { spawnSync } = await import("node:child_process");
  const line = `${box.argv("cp", "one:/", "-").join(" ")} | head -c 1`;
  const { stderr } = spawnSync("sh", ["-c", line], { encoding: "utf8", cwd: box.directory });
  assert.match(stderr, /^mydocker: Cannot write to the standard output: its reader has gone: EPIPE.*\n$/);
});
