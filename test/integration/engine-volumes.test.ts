/** Volumes with options, and mounts that are given to the container's user. */
import assert from "node:assert/strict";
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineBox } from "../helpers/engine-box.ts";
import { engineTest } from "../helpers/engine-test.ts";

const ALONE = ["--network", "none"] as const;

function mountsBelow(box: EngineBox): readonly string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.filter((line) => line.includes(`${box.directory}/root/volumes`));
}

async function createVolume(box: EngineBox, name: string, ...options: readonly string[]): Promise<void> {
  await box.ok("volume", "create", ...options.flatMap((option) => ["-o", option]), name);
}

engineTest("a volume with a type is mounted while a container has it, and shared by all that do", async (box) => {
  await createVolume(box, "memory", "type=tmpfs", "device=tmpfs", "o=size=1m,noexec,mode=700");
  const options = await box.ok("volume", "inspect", "--format", "{{json .Options}}", "memory");
  assert.deepEqual(JSON.parse(options), { type: "tmpfs", device: "tmpfs", o: "size=1m,noexec,mode=700" });
  await box.ok("run", "-d", "--name", "first", "-v", "memory:/m", ...ALONE, "base", "sleep", "1000");
  await box.ok("run", "--rm", "-v", "memory:/m", ...ALONE, "base", "sh", "-c", "echo seen > /m/file");
  assert.equal(await box.ok("exec", "first", "cat", "/m/file"), "seen");
  assert.match(await box.ok("exec", "first", "grep", " /m ", "/proc/self/mountinfo"), /noexec.* tmpfs .*size=1024k/);
  await box.call(["exec", "first", "sh", "-c", "head -c 2000000 /dev/zero > /m/big"]);
  assert.ok(Number(await box.ok("exec", "first", "stat", "-c", "%s", "/m/big")) < 1 << 20);
  await box.ok("rm", "-f", "first");
  assert.deepEqual(mountsBelow(box), []);
  assert.equal(await box.ok("run", "--rm", "-v", "memory:/m", ...ALONE, "base", "ls", "/m"), "");
  await box.ok("volume", "rm", "memory");
  assert.deepEqual(readdirSync(join(box.directory, "run/volumes")), []);
});

engineTest("a volume can be a directory of the host, which stays when the volume goes", async (box) => {
  const outside = join(box.directory, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "kept"), "kept\n");
  await createVolume(box, "host", "type=none", `device=${outside}`, "o=bind");
  await createVolume(box, "fixed", "type=none", `device=${outside}`, "o=bind,ro");
  const volumes = ["-v", "host:/host", "-v", "fixed:/fixed"];
  const script = "echo new > /host/new; cat /fixed/kept; echo no > /fixed/no || echo refused";
  assert.equal(
    await box.ok("run", "--name", "user", ...volumes, ...ALONE, "base", "sh", "-c", script),
    "kept\nrefused",
  );
  await box.ok("cp", "user:/host/new", "copied");
  assert.equal(readFileSync(join(box.directory, "copied"), "utf8"), "new\n");
  assert.deepEqual(mountsBelow(box), []);
  await box.ok("rm", "user");
  await box.ok("volume", "rm", "host", "fixed");
  assert.deepEqual(readdirSync(outside).sort(), ["kept", "new"]);
});

engineTest("a volume whose mount a crash has left is removed without what is mounted", async (box) => {
  const outside = join(box.directory, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "kept"), "");
  await createVolume(box, "host", "type=none", `device=${outside}`, "o=bind");
  const mounted = await box.program("mount", "--bind", outside, join(box.directory, "root/volumes/host/_data"));
  assert.equal(mounted.status, 0, mounted.stderr);
  await box.ok("volume", "rm", "host");
  assert.deepEqual(readdirSync(outside), ["kept"]);
  assert.deepEqual(mountsBelow(box), []);
});

engineTest(
  "a volume that cannot be mounted is told by name, and leaves a container that did not start",
  async (box) => {
    await createVolume(box, "none", "type=nosuchfs", "device=:/x", "o=addr=127.0.0.1");
    await createVolume(box, "gone", "type=none", `device=${box.directory}/gone`, "o=bind");
    for (const [name, reason] of [
      ["none", /failed to mount local volume: mount :\/x:.*type: nosuchfs.*no such device.*\/proc\/filesystems/],
      ["gone", /failed to mount local volume: mount .*\/gone:/],
    ] as const) {
      const { status, stderr } = await box.call(["run", "--rm", "-v", `${name}:/m`, ...ALONE, "base", "true"]);
      assert.equal(status, 125);
      assert.match(stderr, reason);
      await box.ok("volume", "rm", name);
    }
    assert.equal(await box.ok("ps", "-aq"), "");
  },
);

engineTest("-v with U gives what is mounted to the container's user, and nothing that links lead to", async (box) => {
  const outside = join(box.directory, "outside");
  mkdirSync(join(outside, "below"), { recursive: true });
  writeFileSync(join(box.directory, "elsewhere"), "");
  symlinkSync("../elsewhere", join(outside, "link"));
  const user = ["-u", "1234:77"];
  const owner = (path: string) => {
    const { uid, gid } = lstatSync(join(box.directory, path));
    return `${uid}:${gid}`;
  };
  await box.ok("run", "--rm", ...user, "-v", `${outside}:/o:U`, ...ALONE, "base", "touch", "/o/below/file");
  for (const path of ["outside", "outside/below", "outside/link"]) assert.equal(owner(path), "1234:77", path);
  assert.equal(owner("elsewhere"), `${process.getuid?.()}:${process.getgid?.()}`);
  await box.ok("run", "--rm", ...user, "-v", "data:/etc:U", ...ALONE, "base", "sh", "-c", "echo x >> /etc/passwd");
  const refused = await box.call(["run", "--rm", ...user, "-v", "/etc:/e:U", ...ALONE, "base", "true"]);
  assert.equal(refused.status, 125);
  assert.match(refused.stderr, /Cannot give "\/etc" to another user/);
  assert.equal(statSync("/etc").uid, 0);
});

engineTest("a mount keeps what its source forbids", async (box) => {
  const outside = join(box.directory, "outside");
  mkdirSync(outside);
  const { status } = await box.program("mount", "-t", "tmpfs", "-o", "ro,noexec,nodev", "tmpfs", outside);
  assert.equal(status, 0);
  try {
    const line = await box.ok(
      "run",
      "--rm",
      "-v",
      `${outside}:/o`,
      ...ALONE,
      "base",
      "grep",
      " /o ",
      "/proc/self/mounts",
    );
    assert.match(line, / ro,(\S+,)?nodev,noexec/);
  } finally {
    await box.program("umount", outside);
  }
});

engineTest("system df -v tells of each image, container and volume", async (box) => {
  await box.ok(
    "run",
    "--name",
    "down",
    "-v",
    "data:/data",
    ...ALONE,
    "base",
    "sh",
    "-c",
    "head -c 2000000 /dev/zero > /f",
  );
  await box.ok("commit", "down", "other");
  await box.ok("run", "--rm", "-v", "data:/data", ...ALONE, "base", "sh", "-c", "head -c 3000000 /dev/zero > /data/f");
  const shown = await box.ok("system", "df", "-v");
  assert.match(
    shown,
    /^Images space usage:\n\nREPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS\n/,
  );
  assert.match(shown, /^base +latest .* 0B +1$/m);
  assert.match(shown, /^other +latest .* [0-9.]+kB +0$/m);
  assert.match(
    shown,
    /\nContainers space usage:\n\nCONTAINER ID +IMAGE +COMMAND +LOCAL VOLUMES +SIZE +CREATED +STATUS +NAMES\n/,
  );
  assert.match(shown, / base +"sh -c 'head -c 2000…" +1 +2MB .* Exited \(0\) .* down$|base .* 1 +2MB .* down$/m);
  assert.match(shown, /\nLocal Volumes space usage:\n\nVOLUME NAME +LINKS +SIZE\ndata +1 +3MB$/);
  const json: unknown = JSON.parse(await box.ok("system", "df", "-v", "--format", "json"));
  assert.ok(typeof json === "object" && json !== null);
  assert.deepEqual(Object.keys(json), ["Images", "Containers", "Volumes"]);
});
