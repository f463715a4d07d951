import assert from "node:assert/strict";
import { chownSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { GROUP_ID, NEEDS_ORDINARY_USER, refusalOf, rootlessUser, USER_ID } from "../helpers/ordinary-user.ts";
import { succeeded } from "../helpers/probe.ts";
import type { TestBox } from "../helpers/test-box.ts";

const ALL: ContainerTestOptions = { needs: NEEDS_ORDINARY_USER };
const OURS: ContainerTestOptions = { needs: [...NEEDS_ORDINARY_USER, needsOurs] };

containerTest(
  "the default file systems and devices are there for an ordinary user",
  async (box) => {
    const user = await rootlessUser(box);
    const [null_, zero, urandom, pts, shm, mqueue, hostname, sys, mknod] = await user.look(
      ["open", "/dev/null", "rw"],
      ["open", "/dev/zero", "r"],
      ["open", "/dev/urandom", "r"],
      ["stat", "/dev/pts/ptmx"],
      ["write", "/dev/shm/file", "text"],
      ["ls", "/dev/mqueue"],
      ["cat", "/proc/sys/kernel/hostname"],
      ["ls", "/sys/class/net"],
      ["mknod", "/dev/shm/node", "c", "1", "3"],
    );
    for (const outcome of [null_, zero, urandom, shm]) assert.deepEqual(outcome, { ok: true });
    assert.equal(succeeded(pts).type, "char");
    assert.deepEqual(mqueue, []);
    assert.equal(typeof hostname, "string");
    assert.ok(succeeded(sys).includes("lo"));
    assert.deepEqual(mknod, { error: "EPERM" });
  },
  ALL,
);

containerTest(
  "a device of the config is the host's own for an ordinary user",
  async (box) => {
    const user = await rootlessUser(box);
    box.config.linux.devices = [{ path: "/dev/full", type: "c", major: 1, minor: 7 }];
    const [full] = await user.look(["stat", "/dev/full"]);
    const { type, major, minor } = succeeded(full);
    assert.deepEqual({ type, major, minor }, { type: "char", major: 1, minor: 7 });
  },
  { ...ALL, peerDeviations: { crun: "asks newuidmap for mappings that the config does not have" } },
);

containerTest(
  "sysfs is mounted where the network namespace is the container's own, and refused with what to bind elsewhere",
  async (box) => {
    const user = await rootlessUser(box);
    const index = box.config.mounts.findIndex(({ destination }) => destination === "/sys");
    box.config.mounts[index] = { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] };
    const refusal = refusalOf(await user.run());
    assert.match(refusal, /"sysfs" shows the network namespace, which is not the container's own/);
    assert.match(refusal, /"source": "\/sys", "options": \["rbind", "ro"\]/);
    box.config.linux.namespaces.push({ type: "network" });
    const [devices] = await user.look(["ls", "/sys/class/net"]);
    assert.deepEqual(devices, ["lo"]);
  },
  OURS,
);

containerTest(
  "a mount keeps the flags that the host has given to it",
  async (box) => {
    const user = await rootlessUser(box);
    const source = hostMount(box, "ro,nosuid,nodev,noexec");
    box.config.mounts.push({ destination: "/data", type: "bind", source, options: ["rbind"] });
    const [mountinfo] = await user.look(["cat", "/proc/self/mountinfo"]);
    assert.match(lineOf(succeeded(mountinfo), "/data"), / ro,nosuid,nodev,noexec,/);
  },
  ALL,
);

containerTest(
  "flags are added to those of the host's mount",
  async (box) => {
    const user = await rootlessUser(box);
    const source = hostMount(box, "nosuid,nodev");
    box.config.mounts.push({
      destination: "/data",
      type: "bind",
      source,
      options: ["rbind", "ro", "noexec", "nosuid"],
    });
    const [mountinfo] = await user.look(["cat", "/proc/self/mountinfo"]);
    assert.match(lineOf(succeeded(mountinfo), "/data"), / ro,nosuid,nodev,noexec,/);
  },
  { ...ALL, peerDeviations: { runc: "takes the other flags for ones to be cleared (1.1)" } },
);

containerTest(
  "a flag of the host's that the config wants cleared is refused by name",
  async (box) => {
    const user = await rootlessUser(box);
    const source = hostMount(box, "ro,noexec");
    box.config.mounts.push({ destination: "/data", type: "bind", source, options: ["rbind", "rw", "exec"] });
    const refusal = refusalOf(await user.run());
    assert.match(refusal, /EPERM from mount_setattr/);
    assert.match(refusal, /fix: leave out rw, exec: a user namespace keeps the flags that the host has given to/);
  },
  OURS,
);

containerTest(
  "a writable source stays writable where the config says rw",
  async (box) => {
    const user = await rootlessUser(box);
    const source = box.path("data");
    mkdirSync(source);
    chownSync(source, USER_ID, GROUP_ID);
    box.config.mounts.push({ destination: "/data", type: "bind", source, options: ["rbind", "rw"] });
    const [written] = await user.look(["write", "/data/file", "text"]);
    assert.deepEqual(written, { ok: true });
    assert.deepEqual([readFileSync(`${source}/file`, "utf8"), statSync(`${source}/file`).uid], ["text", USER_ID]);
  },
  ALL,
);

containerTest(
  "a directory cannot be bound without the mounts below it, and the refusal says rbind",
  async (box) => {
    const user = await rootlessUser(box);
    const source = hostMount(box, "nosuid");
    mkdirSync(`${source}/below`);
    box.mountOnHost(`${source}/below`);
    box.config.mounts.push({ destination: "/data", type: "bind", source, options: ["bind"] });
    assert.match(refusalOf(await user.run()), /fix: write "rbind" for "bind"/);
  },
  OURS,
);

/** A mount on the host that the user may enter. */
function hostMount(box: TestBox, options: string): string {
  const directory = box.path("mounted");
  mkdirSync(directory);
  box.mountOnHost(directory, `${options},mode=755`);
  return directory;
}

function lineOf(mountinfo: string, destination: string): string {
  return mountinfo.split("\n").find((line) => line.split(" ")[4] === destination) ?? "";
}
