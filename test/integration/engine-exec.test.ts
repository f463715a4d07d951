/** Programs that `exec` runs in a container: their terminal, the keys that leave them, who they run as. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { EngineBox } from "../helpers/engine-box.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { installedPeers } from "../helpers/peers.ts";
import { Terminal } from "../helpers/terminal.ts";
import { until } from "../helpers/until.ts";

const ALONE = ["--network", "none"] as const;
const CTRL_P_CTRL_Q = "\u0010\u0011";
const RUNTIMES = [[], ...installedPeers().map(({ path }) => ["--runtime", path])];

/** A shell's line that waits until this file is there, which the test makes. */
function waitsFor(path: string): string {
  return `while ! test -e ${path}; do sleep 0.05; done`;
}

/** What programs on terminals have left beside the container. */
function sessions({ directory }: EngineBox): readonly string[] {
  const place = join(directory, "run/exec");
  return existsSync(place) ? readdirSync(place) : [];
}

async function runOne(box: EngineBox, ...flags: readonly string[]): Promise<void> {
  await box.ok("run", "-d", "--name", "one", ...flags, ...ALONE, "base", "sleep", "1000");
}

for (const flags of RUNTIMES) {
  const runtime = flags.at(-1) ?? "the own runtime";
  engineTest(`exec -ti has a terminal of our size, and the keys leave its program running: ${runtime}`, async (box) => {
    await runOne(box, ...flags, "-e", "bird=123");
    const terminal = Terminal.run(33, 101, box.argv("exec", "-ti", "-e", "luck=bird", "one", "sh"));
    await terminal.waitFor(/# /);
    terminal.type("stty size; echo $bird-$luck; tty\n");
    await terminal.waitFor(/33 101\s+123-bird\s+\/dev\/pts\/0/);
    terminal.resize(20, 70);
    terminal.type("until test \"$(stty size)\" = '20 70'; do :; done; echo follow''ed\n");
    await terminal.waitFor(/followed/);
    terminal.type(`${waitsFor("/go")}; echo on > /went; exit\n`);
    await terminal.waitFor(/exit\r\n/);
    terminal.type(CTRL_P_CTRL_Q);
    assert.deepEqual(await terminal.ended(), { status: 0, isModeRestored: true });
    await box.ok("exec", "one", "touch", "/go");
    await until("it goes on", async () => (await box.call(["exec", "one", "test", "-e", "/went"])).status === 0);
    await until("nothing of it is left", () => sessions(box).length === 0);
    const short = Terminal.run(24, 80, box.argv("exec", "-ti", "one", "sh", "-c", "stty size; exit 9"));
    assert.deepEqual(await short.ended(), { status: 9, isModeRestored: true });
    // Known before the program runs, and not some time later.
    assert.match(short.shown, /24 80/);
    const missing = Terminal.run(24, 80, box.argv("exec", "-ti", "one", "nosuch"));
    assert.deepEqual(await missing.ended(), { status: 127, isModeRestored: true });
    assert.match(missing.shown, /nosuch/);
    assert.deepEqual(sessions(box), []);
  });
}

engineTest("--detach-keys names other keys, for exec as for attach; what are none is refused", async (box) => {
  await runOne(box);
  const terminal = Terminal.run(24, 80, box.argv("exec", "-ti", "--detach-keys", "ctrl-x,d", "one", "sh"));
  await terminal.waitFor(/# /);
  terminal.type(`${CTRL_P_CTRL_Q}\recho still''here\n`);
  await terminal.waitFor(/stillhere/);
  // The first of the keys waits for what comes next.
  terminal.type("stty raw -echo; head -c 2 > /got; stty sane; echo bo''th\n");
  await until("the program reads", async () => (await box.call(["exec", "one", "test", "-e", "/got"])).status === 0);
  terminal.type("\u0018");
  assert.equal(await box.ok("exec", "one", "cat", "/got"), "");
  terminal.type("x");
  await terminal.waitFor(/both/);
  assert.equal(await box.ok("exec", "one", "cat", "/got"), "\u0018x");
  terminal.type("\u0018d");
  assert.equal((await terminal.ended()).status, 0);
  const refused = Terminal.run(24, 80, box.argv("exec", "-ti", "--detach-keys", "ctrl-1", "one", "sh"));
  assert.equal((await refused.ended()).status, 125);
  assert.match(refused.shown, /invalid detach keys "ctrl-1"/);
});

engineTest("a program on a terminal ends with its container", async (box) => {
  await runOne(box);
  const terminal = Terminal.run(24, 80, box.argv("exec", "-ti", "one", "sh"));
  await terminal.waitFor(/# /);
  await box.ok("rm", "-f", "one");
  assert.deepEqual(await terminal.ended(), { status: 137, isModeRestored: true });
  await until("nothing of it is left", () => sessions(box).length === 0);
});

engineTest(
  "exec -u has that user's groups and none of the container's, and the rights that docker gives",
  async (box) => {
    await runOne(box, "--group-add", "77");
    const groups = "sed -n 's/^Groups:.//p; s/^CapEff:.//p' /proc/self/status";
    assert.match(await box.ok("exec", "one", "sh", "-c", groups), /77 \n(?!0{16})/);
    const script =
      "echo ro:x:0: > /etc/group; echo disk:x:6:root >> /etc/group; echo root:x:0:0:r:/root:/bin/sh > /etc/passwd";
    await box.ok("exec", "one", "sh", "-c", script);
    await box.ok("commit", "one", "grouped");
    await box.ok("run", "-d", "--name", "two", ...ALONE, "grouped", "sleep", "1000");
    assert.match(await box.ok("exec", "two", "sh", "-c", groups), /^0 6 \n/);
    assert.match(await box.ok("exec", "-u", "1000:1000", "two", "sh", "-c", groups), /^1000 \n0{16}$/);
    const privileged = await box.call(["exec", "--privileged", "two", "true"]);
    assert.deepEqual([privileged.status, privileged.stderr], [0, ""]);
  },
);
