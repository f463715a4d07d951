import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { type MountEntry, parseMountTable } from "../../helpers/mount-table.ts";
import { succeeded } from "../../helpers/probe.ts";
import type { SpecMount } from "../../helpers/spec-config.ts";
import type { TestBox } from "../../helpers/test-box.ts";
import { requirement } from "../requirement.ts";

/** What the mount table says of a mount that has an option. */
type Check = (mount: MountEntry, all: readonly MountEntry[]) => void;

const has =
  (option: string): Check =>
  ({ options }) =>
    assert.ok(options.includes(option), `${option} in ${options}`);

const lacks =
  (option: string): Check =>
  ({ options }) =>
    assert.ok(!options.includes(option), `no ${option} in ${options}`);

const superHas =
  (option: string): Check =>
  ({ superOptions }) =>
    assert.ok(superOptions.includes(option), `${option} in ${superOptions}`);

const superLacks =
  (option: string): Check =>
  ({ superOptions }) =>
    assert.ok(!superOptions.includes(option), `no ${option} in ${superOptions}`);

/** For what the mount table does not show: the option is understood, or the mount would have failed. */
const isMade: Check = () => {};

const propagation =
  (shown: RegExp): Check =>
  ({ propagation: fields }) =>
    assert.match(fields.join(), shown);

/** The same for the mount below. */
const alsoBelow =
  (check: Check): Check =>
  (mount, all) => {
    check(mount, all);
    const below = all.find(({ point }) => point === "/mnt/inner");
    assert.ok(below, "a mount below");
    check(below, all);
  };

const isBound: Check = ({ type, root }, all) => {
  assert.deepEqual([type, root], ["tmpfs", "/"]);
  assert.ok(all.every(({ point }) => point !== "/mnt/inner"));
};

const isBoundWithAllBelow: Check = (_mount, all) => assert.ok(all.some(({ point }) => point === "/mnt/inner"));

// A mount may be a slave too where the runtime has made all of the host's mounts slaves first.
const SHARED = /^shared:\d+(,master:\d+)?$/;
const SLAVE = /^master:\d+$/;

type Kind = "tmpfs" | "bind" | "remount";

/** Every option that runtimes have to know, in the order of the table; the first one is MD-CF-10. */
const OPTIONS: readonly (readonly [option: string, kind: Kind, check: Check])[] = [
  ["async", "tmpfs", superLacks("sync")],
  ["atime", "tmpfs", lacks("noatime")],
  ["bind", "bind", isBound],
  ["defaults", "tmpfs", has("rw")],
  ["dev", "tmpfs", lacks("nodev")],
  ["diratime", "tmpfs", lacks("nodiratime")],
  ["dirsync", "tmpfs", superHas("dirsync")],
  ["exec", "tmpfs", lacks("noexec")],
  ["iversion", "tmpfs", isMade],
  ["lazytime", "tmpfs", superHas("lazytime")],
  ["loud", "tmpfs", isMade],
  ["noatime", "tmpfs", has("noatime")],
  ["nodev", "tmpfs", has("nodev")],
  ["nodiratime", "tmpfs", has("nodiratime")],
  ["noexec", "tmpfs", has("noexec")],
  ["noiversion", "tmpfs", isMade],
  ["nolazytime", "tmpfs", superLacks("lazytime")],
  ["norelatime", "tmpfs", isMade],
  ["nostrictatime", "tmpfs", isMade],
  ["nosuid", "tmpfs", has("nosuid")],
  ["private", "bind", propagation(/^$/)],
  ["rbind", "bind", isBoundWithAllBelow],
  ["relatime", "tmpfs", has("relatime")],
  ["remount", "remount", has("ro")],
  ["ro", "tmpfs", has("ro")],
  ["rprivate", "bind", alsoBelow(propagation(/^$/))],
  ["rshared", "bind", alsoBelow(propagation(SHARED))],
  ["rslave", "bind", alsoBelow(propagation(SLAVE))],
  ["runbindable", "bind", alsoBelow(propagation(/^unbindable$/))],
  ["rw", "tmpfs", has("rw")],
  ["shared", "bind", propagation(SHARED)],
  ["silent", "tmpfs", isMade],
  ["slave", "bind", propagation(SLAVE)],
  ["strictatime", "tmpfs", lacks("relatime")],
  ["suid", "tmpfs", lacks("nosuid")],
  ["sync", "tmpfs", superHas("sync")],
  ["unbindable", "bind", propagation(/^unbindable$/)],
];

const FIRST_ID = 10;

for (const [index, [option, kind, check]] of OPTIONS.entries()) {
  const id = `MD-CF-${FIRST_ID + index}` as const;
  const says = `the mount option ${option} is implemented`;
  requirement("config.md#linux-mount-options", { id, says, since: "1.1" }, async (box) => {
    const mounts = await mountsWith(box, option, kind);
    const mount = mounts.findLast(({ point }) => point === "/mnt");
    assert.ok(mount, "a mount at /mnt");
    check(mount, mounts);
  });
}

/** The container's mounts with one at /mnt that has the option. */
async function mountsWith(box: TestBox, option: string, kind: Kind): Promise<readonly MountEntry[]> {
  const tmpfs: SpecMount = { destination: "/mnt", type: "tmpfs", source: "tmpfs" };
  if (kind === "tmpfs") box.config.mounts.push({ ...tmpfs, options: [option] });
  else if (kind === "remount") box.config.mounts.push(tmpfs, { ...tmpfs, options: [option, "ro"] });
  else box.config.mounts.push(await sharedSource(box, option));
  const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
  return parseMountTable(succeeded(table));
}

/** A bind mount of a shared mount of the host that has another one below. */
async function sharedSource(box: TestBox, option: string): Promise<SpecMount> {
  const source = box.path("source");
  mkdirSync(source);
  box.mountOnHost(source);
  mkdirSync(`${source}/inner`);
  box.mountOnHost(`${source}/inner`);
  await box.program(["mount", "--make-rshared", source]);
  const options = option === "bind" ? ["bind"] : [...new Set(["rbind", option])];
  return { destination: "/mnt", type: "bind", source, options };
}
