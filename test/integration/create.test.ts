import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { Terminal } from "../helpers/terminal.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

containerTest("create sets the container up and does not run its process", async (box) => {
  box.config.root.readonly = false;
  box.setCommands(["write", "/ran", "yes"]);
  await box.created();
  const { status, pid, bundle, id, ociVersion } = await box.state();
  assert.deepEqual({ status, bundle, id }, { status: "created", bundle: box.bundle, id: box.id });
  assert.match(String(ociVersion), /^1\.\d+\.\d+/);
  assert.ok(existsSync(`/proc/${pid}`));
  assert.ok(!existsSync(box.inRootfs("ran")));
});

containerTest("create returns while its standard streams stay with the container", async (box) => {
  box.setCommands(["cat", "-"], ["print", "later\n"]);
  const creation = box.launchCreate([], { stdin: "kept" });
  assertSuccess(await creation.ended);
  assert.equal(creation.stdout, "");
  await box.must("start");
  await box.waitForStatus("stopped");
  assert.equal(creation.stdout, '"kept"\nlater\n');
});

containerTest("create takes the config as it is then, not as it is at start", async (box) => {
  box.setCommands(["print", "first"]);
  const creation = box.launchCreate();
  assertSuccess(await creation.ended);
  box.setCommands(["print", "second"]);
  box.writeConfig();
  await box.must("start");
  await box.waitForStatus("stopped");
  assert.equal(creation.stdout, "first");
});

containerTest("create --pid-file writes the digits of the pid and nothing else", async (box) => {
  const file = box.path("pid");
  await box.created(["--pid-file", file]);
  assert.equal(readFileSync(file, "utf8"), String((await box.state()).pid));
  const strays = readdirSync(box.directory).filter((name) => name.includes("pid"));
  assert.deepEqual(strays, ["pid"]);
});

containerTest("create replaces a pid file that is there", async (box) => {
  writeFileSync(box.path("pid"), "99999999999");
  await box.created(["--pid-file", box.path("pid")]);
  assert.equal(readFileSync(box.path("pid"), "utf8"), String((await box.state()).pid));
});

containerTest("create resolves a relative bundle against the current directory", async (box) => {
  box.writeConfig();
  assertSuccess(await box.runtime(["create", "-b", "bundle", box.id], { cwd: box.directory }));
  assert.equal((await box.state()).bundle, box.bundle);
});

containerTest("create takes the current directory for the bundle when none is named", async (box) => {
  box.writeConfig();
  assertSuccess(await box.runtime(["create", box.id], { cwd: box.bundle }));
  assert.equal((await box.state()).bundle, box.bundle);
});

containerTest("create accepts --flag=value", async (box) => {
  box.writeConfig();
  assertSuccess(await box.runtime(["create", `--bundle=${box.bundle}`, `--pid-file=${box.path("pid")}`, box.id]));
  assert.ok(existsSync(box.path("pid")));
});

containerTest("create refuses an id that is taken and leaves its owner alone", async (box) => {
  await box.created();
  const { pid } = await box.state();
  const second = await box.create();
  assert.notEqual(second.status, 0);
  assert.match(second.stderr, /already exists/);
  const after = await box.state();
  assert.deepEqual({ pid: after.pid, status: after.status }, { pid, status: "created" });
  await box.must("start");
});

for (const id of ["..", ".", "a/b", "../up", "a b", "a\nb", "ü", "", "a;b"]) {
  containerTest(`create refuses the id ${JSON.stringify(id)}`, (box) => refusesId(box, id), {
    peerDeviations: { crun: "only a slash is refused" },
  });
}

async function refusesId(box: TestBox, id: string): Promise<void> {
  box.writeConfig();
  const result = await box.runtime(["create", "--bundle", box.bundle, id]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /id/i);
  assert.deepEqual(readdirSync(box.stateRoot), []);
}

for (const suffix of [".", "..", "_", "+", "-", "a.b_c+d-E9"]) {
  containerTest(`create accepts an id that ends in "${suffix}"`, async (box) => {
    const id = box.otherId(suffix);
    box.writeConfig();
    assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
    assertSuccess(await box.runtime(["state", id]));
  });
}

containerTest(
  "create refuses a bundle that is not there",
  async (box) => {
    const result = await box.runtime(["create", "--bundle", box.path("nowhere"), box.id]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /nowhere/);
    assert.deepEqual(readdirSync(box.stateRoot), []);
  },
  { peerDeviations: { crun: "the text names neither the bundle nor the file" } },
);

containerTest("create refuses a bundle without config.json", async (box) => {
  const result = await box.runtime(["create", "--bundle", box.bundle, box.id]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /config\.json/);
});

containerTest("create refuses a config that is not JSON", async (box) => {
  writeFileSync(join(box.bundle, "config.json"), '{\n  "ociVersion": "1.0.2",\n  "process": }\n');
  const result = await box.runtime(["create", "--bundle", box.bundle, box.id]);
  assert.notEqual(result.status, 0);
  assert.deepEqual(readdirSync(box.stateRoot), []);
});

containerTest(
  "create says at which line and column a config is not JSON",
  async (box) => {
    writeFileSync(join(box.bundle, "config.json"), '{\n  "ociVersion": "1.0.2",\n  "process": }\n');
    const result = await box.runtime(["create", "--bundle", box.bundle, box.id]);
    assert.match(result.stderr, /\b3\b.*\b14\b/);
  },
  { needs: [needsOurs] },
);

containerTest("create makes the state root, closed to others", async (box) => {
  const root = box.path("made/by/create");
  box.writeConfig();
  const flags = ["create", "--bundle", box.bundle, box.id];
  assertSuccess(await box.program([box.argv([])[0] ?? "", "--root", root, ...flags]));
  assertSuccess(await box.program([box.argv([])[0] ?? "", "--root", root, "delete", "--force", box.id]));
});

containerTest("create works in a bundle whose path has spaces and newlines", async (box) => {
  const bundle = box.path("my bundle\nwith a line");
  box.writeConfig();
  renameSync(box.bundle, bundle);
  mkdirSync(box.bundle);
  assertSuccess(await box.runtime(["create", "--bundle", bundle, box.id]));
  assert.equal((await box.state()).bundle, bundle);
});

containerTest("create refuses a terminal without a console socket", async (box) => {
  box.config.process.terminal = true;
  const result = await box.create();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /console socket|console-socket|terminal/);
  await box.assertNoTraces();
});

containerTest(
  "create refuses a console socket without a terminal",
  async (box) => {
    const result = await box.create(["--console-socket", box.path("console")]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /cannot use console socket/i);
  },
  { peerDeviations: { crun: "ignores the socket" } },
);

containerTest(
  "create --pidfd-socket sends a pidfd of the container's first process",
  async (box) => {
    const socket = box.path("pidfd");
    const receiver = Terminal.receive(socket);
    try {
      await box.socketAppears(socket);
      await box.created(["--pidfd-socket", socket]);
      const { fdinfo } = await receiver.received();
      assert.equal(/^Pid:\s*(\d+)$/m.exec(fdinfo)?.[1], String((await box.state()).pid));
    } finally {
      receiver.close();
    }
  },
  { peerDeviations: { runc: "1.1.5 does not have it", crun: "does not have it" } },
);

containerTest("create leaves the caller's own standard streams open", async (box) => {
  const script = '"$@" && echo after';
  box.writeConfig();
  const argv = box.argv(["create", "--bundle", box.bundle, box.id]);
  const { stdout } = await box.program(["sh", "-c", script, "sh", ...argv]);
  assert.equal(stdout, "after\n");
});
