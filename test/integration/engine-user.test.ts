import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { delegateCgroup, inCgroups, removeCgroups } from "../helpers/delegated-cgroup.ts";
import { EngineUser } from "../helpers/engine-user.ts";
import { type Need, needsCgroupV1, needsProgram, needsRoot } from "../helpers/needs.ts";
import { NEEDS_ORDINARY_USER, type OrdinaryUserOptions, SUBORDINATE, USER_ID } from "../helpers/ordinary-user.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";
import { until } from "../helpers/until.ts";

const needs = [needsRoot, ...NEEDS_ORDINARY_USER];
const timeout = 200_000 * TIME_SCALE;

function skipReason(all: readonly Need[]): string | false {
  return all.map((need) => need()).find((reason) => reason !== undefined) ?? false;
}

function userTest(
  name: string,
  options: OrdinaryUserOptions,
  programs: readonly string[],
  body: (user: EngineUser) => Promise<void>,
): void {
  it(name, { skip: skipReason([...needs, ...programs.map(needsProgram)]), timeout }, async () => {
    const user = new EngineUser(options);
    try {
      await user.ok("image", "build-base");
      await body(user);
    } finally {
      await user.close();
    }
  });
}

const WITH_IDS: OrdinaryUserOptions = { hasSubordinateIds: true };

userTest(
  "an ordinary user's containers live in directories of the user's, with subordinate ids",
  WITH_IDS,
  ["newuidmap"],
  async (user) => {
    const id = await user.ok(
      "run",
      "-d",
      "--name",
      "web",
      "--network",
      "none",
      "-v",
      "data:/data",
      "base",
      "sleep",
      "100",
    );
    assert.ok(statSync(join(user.home, ".local/share/mydocker/containers", id)).isDirectory());
    assert.match(await user.ok("ps"), /web/);
    assert.equal(await user.ok("exec", "web", "id", "-u"), "0");
    assert.match(
      await user.ok("exec", "web", "cat", "/proc/self/uid_map"),
      new RegExp(`0 +${USER_ID} +1\\n +1 +${SUBORDINATE.first} `),
    );
    await user.ok("exec", "-u", "nobody", "web", "true");
    await user.ok(
      "exec",
      "web",
      "sh",
      "-c",
      "echo kept > /data/file; chown nobody /data/file; echo new > /new; rm /etc/group",
    );
    const written = statSync(join(user.home, ".local/share/mydocker/volumes/data/_data/file"));
    assert.equal(written.uid, SUBORDINATE.first + 65_533);
    assert.equal(await user.ok("diff", "web"), "A /data\nC /etc\nD /etc/group\nA /new");
    await user.ok("stop", "-t", "0", "web");
    await user.ok("start", "web");
    assert.equal(await user.ok("exec", "web", "cat", "/new"), "new");
    const commit = await user.call(["commit", "web", "changed"]);
    assert.equal(commit.status, 0, commit.stderr);
    assert.match(commit.stderr, /it goes on while its files are read/);
    assert.equal(
      await user.ok(
        "run",
        "--rm",
        "--network",
        "none",
        "changed",
        "sh",
        "-c",
        "cat /new; [ -e /etc/group ] || echo gone",
      ),
      "new\ngone",
    );
    await user.ok("rm", "-f", "web");
    assert.equal(
      await user.ok("run", "--rm", "--network", "none", "-v", "data:/data", "base", "cat", "/data/file"),
      "kept",
    );
    assert.match(
      await user.ok("info", "-f", "{{.Driver}} {{.CgroupDriver}} {{.Rootless}}"),
      /^(overlay2|fuse-overlayfs) none true$/,
    );
  },
);

userTest(
  "an ordinary user's container is reached by its published port and reaches out",
  WITH_IDS,
  ["newuidmap", "pasta"],
  async (user) => {
    const port = String(20_000 + (process.pid % 10_000));
    await user.ok(
      "run",
      "-d",
      "--name",
      "web",
      "-p",
      `127.0.0.1:${port}:80`,
      "base",
      "sh",
      "-c",
      "mkdir /w; echo hello > /w/index.html; exec httpd -f -h /w",
    );
    const answer = await fetchSoon(`http://127.0.0.1:${port}/`);
    assert.equal(answer, "hello\n");
    assert.equal(
      await user.ok("run", "--rm", "--network", "container:web", "base", "wget", "-qO-", "http://127.0.0.1/"),
      "hello",
    );
    const shown = await user.ok("network", "explain", "web");
    assert.match(shown, /127\.0\.0\.1:[0-9]+\/tcp → pasta or slirp4netns → port 80 of the container/);
    assert.match(shown, /problems\n {4}none/);
    const { status, stderr } = await user.call(["network", "create", "back"]);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /an ordinary user may make no device on the host; fix: .* use the networks bridge, none and host/,
    );
    await user.ok("rm", "-f", "web");
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  },
);

userTest(
  "an ordinary user's containers are checked, started again and given devices",
  WITH_IDS,
  ["newuidmap"],
  async (user) => {
    const shown = (name: string, template: string) => user.ok("inspect", "-f", template, name);
    const run = (...words: readonly string[]) => user.ok("run", "-d", "--network", "none", ...words);
    const check = ["--health-cmd", "test -e /well", "--health-interval", "100ms", "--health-retries", "1"];
    await run("--name", "web", ...check, "base", "sleep", "1000");
    await until("the check fails", async () => (await shown("web", "{{.State.Health.Status}}")) === "unhealthy");
    await user.ok("exec", "web", "touch", "/well");
    await until("the check succeeds", async () => (await shown("web", "{{.State.Health.Status}}")) === "healthy");
    await run("--name", "fails", "--restart", "on-failure:1", "base", "sh", "-c", "echo run; exit 3");
    await until("it ends", async () => (await shown("fails", "{{.RestartCount}} {{.State.Status}}")) === "1 exited");
    assert.equal(await user.ok("logs", "fails"), "run\nrun");
    const device = ["--device", "/dev/zero:/dev/nothing", "base", "sh", "-c", "head -c 3 /dev/nothing | wc -c"];
    assert.equal(await user.ok("run", "--rm", "--network", "none", ...device), "3");
  },
);

it("an ordinary user's directory that others may change is refused", { skip: skipReason(needs), timeout }, async () => {
  const user = new EngineUser();
  const refusal = async (directory: string) => {
    const { status, stderr } = await user.call(["ps"], { env: { XDG_RUNTIME_DIR: directory } });
    assert.equal(status, 125);
    assert.match(stderr, new RegExp(`fix: set XDG_RUNTIME_DIR to .* /run/user/${USER_ID}`));
    return stderr;
  };
  try {
    const [others, open] = [join(user.directory, "others"), join(user.home, "open")];
    for (const path of [others, open]) mkdirSync(path);
    chownSync(others, USER_ID + 7, 0);
    chownSync(open, USER_ID, 0);
    chmodSync(open, 0o777);
    assert.match(await refusal(others), /permission denied/);
    mkdirSync(join(others, "mydocker"));
    chownSync(join(others, "mydocker"), USER_ID, 0);
    assert.match(
      await refusal(others),
      new RegExp(`in ".*/others": it is that of user ${USER_ID + 7}, .* mode is 755`),
    );
    assert.match(await refusal(open), new RegExp(`in ".*/open": it is that of user ${USER_ID}, and its mode is 777`));
    assert.match(await refusal(join(user.directory, "missing")), /permission denied/);
  } finally {
    await user.close();
  }
});

userTest("an ordinary user without subordinate ids has containers with one id", {}, [], async (user) => {
  assert.equal(await user.ok("run", "--rm", "--network", "none", "base", "id", "-u"), "0");
  assert.match(
    await user.ok("run", "--rm", "--network", "none", "base", "cat", "/proc/self/uid_map"),
    new RegExp(`^ +0 +${USER_ID} +1$`),
  );
  const other = await user.call(["run", "--rm", "--network", "none", "-u", "1000", "base", "true"]);
  assert.match(other.stderr, /become user 1000:0.*fix: .*usermod --add-subuids/s);
  const { status, stderr } = await user.call(["run", "--rm", "--network", "none", "-m", "50m", "base", "true"]);
  assert.equal(status, 125);
  assert.match(stderr, /memory.*fix: run as root, or have the service manager delegate the cgroup/s);
});

it("an ordinary user's limits are set where cgroups are delegated", {
  skip: skipReason([...needs, needsCgroupV1("memory"), needsCgroupV1("freezer")]),
  timeout,
}, async () => {
  const name = `mydocker-user-${process.pid}`;
  const cgroups = ["memory", "freezer"].map((controller) => delegateCgroup(name, controller));
  const user = new EngineUser({ before: inCgroups(...cgroups) });
  try {
    await user.ok("image", "build-base");
    const script = "while [ ! -e /go ]; do sleep 0.1; done; dd if=/dev/zero of=/dev/null bs=200M";
    await user.ok("run", "-d", "--name", "small", "--network", "none", "-m", "40m", "base", "sh", "-c", script);
    assert.match(await user.ok("exec", "small", "cat", "/proc/1/cgroup"), new RegExp(`memory:/${name}/`));
    await user.ok("pause", "small");
    assert.match(await user.ok("ps"), /\(Paused\)/);
    await user.ok("unpause", "small");
    await user.ok("exec", "small", "touch", "/go");
    await user.ok("wait", "small");
    assert.equal(await user.ok("inspect", "-f", "{{.State.OOMKilled}}", "small"), "true");
  } finally {
    await user.close();
    cgroups.forEach(removeCgroups);
  }
});

userTest(
  "an ordinary user's namespaces are held as long as a container or a command is in them, and end then",
  WITH_IDS,
  ["newuidmap"],
  async (user) => {
    const holder = () => user.holder() ?? assert.fail("nobody holds the namespaces");
    await user.ok("run", "-d", "--name", "web", "--network", "none", "base", "sleep", "1000");
    const first = holder();
    // Longer than it lingers: a monitor alone keeps it.
    await delay(7_000);
    assert.ok(isAlive(first));
    assert.doesNotMatch(await user.ok("exec", "web", "ls", "-l", "/proc/self/fd"), /namespaces/);
    await user.ok("rm", "-f", "web");
    await gone(first);
    assert.equal(user.holder(), undefined);
    const many = Array.from({ length: 5 }, () => user.ok("run", "--rm", "--network", "none", "base", "echo", "here"));
    assert.deepEqual(await Promise.all(many), ["here", "here", "here", "here", "here"]);
    await gone(holder());
  },
);

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/ns/user`);
}

async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 60_000 * TIME_SCALE; isAlive(pid); await delay(100)) {
    assert.ok(Date.now() < deadline, `${pid} stays`);
  }
}

/** A server in a container takes its time to start. */
async function fetchSoon(url: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      return await (await fetch(url)).text();
    } catch {
      await delay(50);
    }
  }
  throw new Error(`${url} does not answer`);
}
