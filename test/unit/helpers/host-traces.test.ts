import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findProcesses } from "../../helpers/host-traces.ts";
import { needsProgram, needsRoot } from "../../helpers/needs.ts";

const skip = needsRoot() ?? needsProgram("unshare")() ?? false;

test("findProcesses tells a process in the container's files from one with a copy of the host's mounts", {
  skip,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), "mydocker-traces-"));
  const marks = { id: "no-such-container", directory };
  const [mounted, rootfs] = [join(directory, "mounted"), join(directory, "rootfs")];
  for (const path of [mounted, rootfs]) mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "none", mounted]);
  const other = await withOwnMounts("true");
  const ours = await withOwnMounts('mount --bind "$FROM" /mnt', { FROM: rootfs });
  try {
    assert.deepEqual(findProcesses(marks), [ours.pid]);
  } finally {
    for (const { process } of [other, ours]) process.kill("SIGKILL");
    execFileSync("umount", [mounted]);
    rmSync(directory, { recursive: true });
  }
});

/** Starts a shell in a mount namespace of its own, and waits until it has carried out a line. */
async function withOwnMounts(
  line: string,
  env = {},
): Promise<{ readonly process: ChildProcess; readonly pid?: number }> {
  const argv = ["--mount", "sh", "-c", `${line} && exec env -i sh -c 'echo done; exec sleep 1000'`];
  const process = spawn("unshare", argv, { cwd: "/", env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env } });
  await once(process.stdout, "data");
  return process.pid === undefined ? { process } : { process, pid: process.pid };
}
