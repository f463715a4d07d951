import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPABILITIES } from "../../../src/linux/capabilities.ts";
import { readText, readTextIfExists } from "../../../src/sys/files.ts";
import { kernelAbilities, parseFilesystems } from "../../../src/sys/probe-features.ts";
import { processStatus } from "../../../src/sys/procfs.ts";

const abilities = kernelAbilities();

test("kernelAbilities lists the bounding set that /proc shows", () => {
  const bits = BigInt(`0x${processStatus(process.pid)?.CapBnd}`);
  const expected = Object.keys(CAPABILITIES).filter((name) => ((bits >> BigInt(CAPABILITIES[name] ?? 63)) & 1n) === 1n);
  assert.deepEqual(abilities.boundingSet, expected);
});

test("kernelAbilities lists the capabilities up to the kernel's last one", () => {
  const last = Number(readText("/proc/sys/kernel/cap_last_cap"));
  const expected = Object.keys(CAPABILITIES).filter((name) => (CAPABILITIES[name] ?? 63) <= last);
  assert.deepEqual(abilities.capabilities, expected);
});

test("kernelAbilities lists the seccomp actions that /proc shows", () => {
  const shown = readTextIfExists("/proc/sys/kernel/seccomp/actions_avail");
  const names: Readonly<Record<string, readonly string[]>> = {
    kill_process: ["SCMP_ACT_KILL_PROCESS"],
    kill_thread: ["SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD"],
    user_notif: ["SCMP_ACT_NOTIFY"],
  };
  const expected = (shown?.trim().split(" ") ?? []).flatMap(
    (name) => names[name] ?? [`SCMP_ACT_${name.toUpperCase()}`],
  );
  assert.deepEqual([...abilities.seccompActions].sort(), expected.sort());
});

test("kernelAbilities names the release, the namespaces and the filesystems", () => {
  assert.match(abilities.release, /^[0-9]+\.[0-9]+/);
  for (const type of ["mount", "pid", "uts"] as const) assert.ok(abilities.namespaces.includes(type));
  for (const type of ["proc", "sysfs", "tmpfs"]) assert.ok(abilities.filesystems.includes(type));
});

test("parseFilesystems takes the types with and without a device", () => {
  assert.deepEqual(parseFilesystems("nodev\tsysfs\n\text4\nnodev\tfuse\n"), ["sysfs", "ext4", "fuse"]);
});
