/** Where a container's files are, in docker's layout, and what keeps its own layer to a size. */
import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { engineTest } from "../helpers/engine-test.ts";

const ALONE = ["--network", "none"] as const;

interface GraphDriver {
  readonly Name: string;
  readonly Data: Readonly<Record<string, string>>;
}

engineTest("a container's layer is laid out as docker's overlay2, outlives stop, and goes with rm", async (box) => {
  const place = join(box.directory, "root/overlay2");
  const id = await box.ok("run", "-d", "--name", "one", ...ALONE, "base", "sleep", "1000");
  assert.deepEqual(readdirSync(join(place, id)).sort(), ["diff", "link", "lower", "merged", "work"]);
  assert.deepEqual(readdirSync(join(place, `${id}-init`)).sort(), ["diff", "link", "lower", "work"]);
  const link = readFileSync(join(place, id, "link"), "utf8");
  assert.match(link, /^[A-Z0-9]{26}$/);
  assert.equal(readlinkSync(join(place, "l", link)), `../${id}/diff`);
  const lower = readFileSync(join(place, id, "lower"), "utf8").split(":");
  assert.equal(realpathSync(join(place, lower[0] ?? "")), join(place, `${id}-init`, "diff"));

  const { Name, Data }: GraphDriver = JSON.parse(await box.inspect("one", "{{json .GraphDriver}}"));
  assert.equal(Name, "overlay2");
  assert.deepEqual(Object.keys(Data).sort(), ["LowerDir", "MergedDir", "UpperDir", "WorkDir"]);
  await box.ok("exec", "one", "sh", "-c", "echo new > /new; rm /etc/passwd");
  assert.equal(readFileSync(join(Data["UpperDir"] ?? "", "new"), "utf8"), "new\n");
  assert.equal(readFileSync(join(Data["MergedDir"] ?? "", "new"), "utf8"), "new\n");
  // What is deleted is a device 0:0. Source: the kernel's overlayfs.rst.
  const whiteout = lstatSync(join(Data["UpperDir"] ?? "", "etc/passwd"));
  assert.deepEqual([whiteout.isCharacterDevice(), whiteout.rdev], [true, 0]);

  await box.ok("stop", "-t", "0", "one");
  await box.ok("restart", "one");
  assert.equal(await box.ok("exec", "one", "cat", "/new"), "new");
  assert.equal((await box.call(["exec", "one", "test", "-e", "/etc/passwd"])).status, 1);
  await box.ok("rm", "-f", "one");
  for (const name of [id, `${id}-init`, `l/${link}`]) assert.equal(existsSync(join(place, name)), false, name);
});

engineTest(
  "--storage-opt size= is kept to, other options are refused with the reason, and info tells the facts",
  async (box) => {
    const write = "dd if=/dev/zero of=/big bs=1M count=20 2>&1; ls -l /big";
    const full = await box.ok("run", "--rm", "--storage-opt", "size=10m", ...ALONE, "base", "sh", "-c", write);
    assert.match(full, /No space left on device/);
    assert.equal((await box.call(["run", "--rm", ...ALONE, "base", "sh", "-c", `${write} | grep 20971520`])).status, 0);
    for (const [option, reason] of [
      ["dm.thinp_percent=90", /unknown option dm\.thinp_percent: docker dropped devicemapper in version 25; size=/],
      ["overlay2.size=20G", /unknown option overlay2\.size: .*; size=/],
      ["nosuch=1", /unknown option nosuch: .*; size=/],
      ["size=1k", /it must be 1 MiB or more/],
    ] as const) {
      const refused = await box.call(["run", "--rm", "--storage-opt", option, ...ALONE, "base", "true"]);
      assert.equal(refused.status, 125, option);
      assert.match(refused.stderr, reason);
    }
    assert.equal(await box.ok("ps", "-aq"), "");
    const info = await box.ok("info");
    for (const line of ["Storage Driver: ", " Backing Filesystem: ", " Supports d_type: ", " Native Overlay Diff: "]) {
      assert.ok(info.includes(`\n${line}`), `${line} in ${info}`);
    }
    assert.match(info, /^Logging Driver: json-file\nCgroup Driver: (cgroupfs|systemd)$/m);
    const { Driver, DriverStatus } = JSON.parse(await box.ok("info", "--format", "json"));
    assert.equal(Driver, "overlay2");
    assert.ok(DriverStatus.some(([name]: readonly string[]) => name === "Backing Filesystem"));
  },
);

engineTest(
  "volumes have docker's members and place; --mount takes all kinds; both sides of --volumes-from see one file",
  async (box) => {
    assert.equal(await box.ok("volume", "create", "-l", "a=b", "logs"), "logs");
    const [volume] = JSON.parse(await box.ok("volume", "inspect", "logs"));
    const members = ["CreatedAt", "Driver", "Labels", "Mountpoint", "Name", "Options", "Scope"];
    assert.deepEqual(Object.keys(volume).sort(), members);
    assert.equal(volume.Mountpoint, join(box.directory, "root/volumes/logs/_data"));
    assert.deepEqual([volume.Driver, volume.Labels, volume.Name, volume.Scope], ["local", { a: "b" }, "logs", "local"]);
    const mounts = [
      ["--mount", "source=logs,target=/logs"],
      ["--mount", `type=bind,source=${box.directory},target=/host,readonly`],
      ["--mount", "type=tmpfs,target=/memory,tmpfs-size=1m"],
      ["--mount", "type=volume,target=/anonymous"],
    ].flat();
    await box.ok(
      "run",
      "-d",
      "--name",
      "producer",
      ...mounts,
      ...ALONE,
      "base",
      "sh",
      "-c",
      "echo a line > /logs/log; sleep 1000",
    );
    const consumer = ["run", "--rm", "--volumes-from", "producer", ...ALONE, "base", "sh", "-c"];
    assert.equal(
      await box.ok(...consumer, "until test -s /logs/log; do :; done; cat /logs/log; echo more >> /logs/log"),
      "a line",
    );
    assert.equal(readFileSync(join(volume.Mountpoint, "log"), "utf8"), "a line\nmore\n");
    const look = "touch /host/x 2>&1; df -k /memory | tail -1; touch /anonymous/x";
    assert.match(await box.ok("exec", "producer", "sh", "-c", look), /Read-only file system\ntmpfs +1024 /);
    const refused = await box.call(["volume", "rm", "logs"]);
    assert.match(refused.stderr, /volume is in use - \[[0-9a-f]{64}\]/);
    await box.ok("rm", "-f", "-v", "producer");
    assert.deepEqual((await box.ok("volume", "ls", "-q")).split("\n"), ["logs"]);
    assert.equal(await box.ok("run", "--rm", "-v", "logs:/data", ...ALONE, "base", "cat", "/data/log"), "a line\nmore");
    await box.ok("volume", "rm", "logs");
    assert.equal(existsSync(join(box.directory, "root/volumes/logs")), false);
  },
);
