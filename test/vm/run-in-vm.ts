import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { type Job, writeInitrd } from "./initrd.ts";
import { kernelOf, kernelRelease } from "./kernel.ts";
import { boot, type Machine, type MachineEnd, type OutputSink } from "./machine.ts";

export interface VmOptions extends Pick<Machine, "cgroups" | "cpus" | "memoryMib" | "parameters" | "timeoutMs"> {
  readonly job: Job;
  /** Whether the machine's console is shown on standard error when it has ended. */
  readonly showConsole: boolean;
}

/** How the job ended; `console` holds the last of what the kernel said where there is no status. */
export interface VmEnd {
  readonly end: MachineEnd;
  readonly console: string;
}

const PROGRAMS = ["qemu-system-x86_64", "cpio", "modprobe", "xz"] as const;
const ATTEMPTS = 3;
const CONSOLE_LINES = 30;

/** Why this machine can boot no other one, in words, or undefined. */
export function missingForVm(systemd: boolean): string | undefined {
  if (process.geteuid?.() !== 0) return "needs root, whose files the machine shares";
  const missing = PROGRAMS.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return `needs ${missing.join(" and ")}, to boot a machine in emulation`;
  if (!existsSync("/bin/busybox")) return "needs /bin/busybox (busybox-static), to boot a machine in emulation";
  if (kernelRelease() === undefined) return "needs a kernel with 9p and overlay (linux-image-amd64) in /boot";
  return systemd && !existsSync("/lib/systemd/systemd") ? "needs systemd and dbus" : undefined;
}

/** Runs a job in a virtual machine of its own, which has this host's files and changes none of them. */
export async function runInVm({ job, showConsole, ...rest }: VmOptions, sink: OutputSink): Promise<VmEnd> {
  const directory = mkdtempSync(join(tmpdir(), "mydocker-vm-"));
  try {
    const kernel = kernelOf(kernelRelease() ?? "");
    const initrd = join(directory, "initrd");
    mkdirSync(`${initrd}.d`);
    writeInitrd(initrd, `${initrd}.d`, kernel.release, job);
    let end: MachineEnd = { kind: "notStarted" };
    for (let attempt = 1; attempt <= ATTEMPTS && end.kind === "notStarted"; attempt++) {
      end = await boot({ ...rest, kernel, initrd, directory }, sink);
      if (end.kind !== "exited" || showConsole) process.stderr.write(consoleText(directory, showConsole));
    }
    return { end, console: consoleText(directory, showConsole) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function consoleText(directory: string, whole: boolean): string {
  const text = readFileSync(join(directory, "console"), "utf8").replaceAll("\r", "");
  return whole ? text : text.split("\n").slice(-CONSOLE_LINES).join("\n");
}
