import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Kernel } from "./kernel.ts";

export interface Machine {
  readonly kernel: Kernel;
  readonly initrd: string;
  /** A directory for the files that the machine's ports write to. */
  readonly directory: string;
  readonly memoryMib: number;
  readonly cpus: number;
  readonly cgroups: CgroupSetup;
  /** Kernel parameters beside those that every machine gets. */
  readonly parameters: readonly string[];
  readonly timeoutMs: number;
}

/** Which cgroups there are: the unified hierarchy alone, it beside those of v1, or those alone. */
export type CgroupSetup = keyof typeof CGROUP_PARAMETERS;

/** The last two are what systemd makes of them; without it v1 would have to be mounted by hand. */
export const CGROUP_PARAMETERS = {
  unified: ["cgroup_no_v1=all"],
  hybrid: ["systemd.unified_cgroup_hierarchy=0"],
  legacy: ["systemd.unified_cgroup_hierarchy=0", "systemd.legacy_systemd_cgroup_controller=1"],
} as const;

/** How a machine has ended. */
export type MachineEnd =
  | { readonly kind: "exited"; readonly status: number }
  /** The job never began, which emulated machines are rarely seen to do: worth another try. */
  | { readonly kind: "notStarted" }
  | { readonly kind: "died" }
  | { readonly kind: "timedOut" };

/** Takes a piece of what the job prints. */
export type OutputSink = (stream: "stdout" | "stderr", text: Uint8Array) => void;

const PORTS = ["stdout", "stderr", "status"] as const;
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 50;

const PARAMETERS = [
  "console=ttyS0",
  "quiet",
  "panic=-1",
  // A kernel that has found itself damaged would only hang later.
  "oops=panic",
  // So has one whose processors are stuck for a minute, by the emulator's fault or its own.
  "softlockup_panic=1",
  "watchdog_thresh=30",
  // On a busy host the emulated timer is late, and the kernel would take it for missing.
  "no_timer_check",
  "reboot=t",
  "psi=1",
  "apparmor=1",
  "security=apparmor",
  "mitigations=off",
  "random.trust_cpu=on",
] as const;

/** Boots a machine whose root is this host's, read only, and waits for the end of its job. */
export async function boot(machine: Machine, sink: OutputSink): Promise<MachineEnd> {
  const file = (name: string) => join(machine.directory, name);
  for (const name of [...PORTS, "console"]) writeFileSync(file(name), "");
  const qemu = spawn("qemu-system-x86_64", arguments_(machine), { stdio: ["ignore", "ignore", "inherit"] });
  const isOver = ended(qemu);
  const outputs = [follow(file("stdout"), isOver, "stdout", sink), follow(file("stderr"), isOver, "stderr", sink)];
  const killed = await watch(machine, qemu, isOver, () => readFileSync(file("status"), "utf8") !== "");
  await Promise.all(outputs);
  const [started, exited] = readFileSync(file("status"), "utf8").split("\n");
  if (exited?.startsWith("exited ")) return { kind: "exited", status: Number(exited.slice("exited ".length)) };
  if (started !== "started") return { kind: "notStarted" };
  return { kind: killed ? "timedOut" : "died" };
}

/** Ends the machine when its time is over: gives whether that was so. */
async function watch(
  { timeoutMs }: Machine,
  qemu: ChildProcess,
  isOver: () => boolean,
  hasStarted: () => boolean,
): Promise<boolean> {
  const begin = performance.now();
  while (!isOver()) {
    const spentMs = performance.now() - begin;
    if (spentMs > (hasStarted() ? timeoutMs : START_TIMEOUT_MS)) {
      qemu.kill("SIGKILL");
      return true;
    }
    await delay(POLL_MS);
  }
  return false;
}

function ended(child: ChildProcess): () => boolean {
  let isOver = false;
  child.once("exit", () => {
    isOver = true;
  });
  child.once("error", () => {
    isOver = true;
  });
  return () => isOver;
}

/** A port of the machine writes to a plain file, which never makes it wait; what is new there is handed on. */
async function follow(
  path: string,
  isOver: () => boolean,
  stream: "stdout" | "stderr",
  sink: OutputSink,
): Promise<void> {
  const fd = openSync(path, "r");
  const buffer = Buffer.alloc(1 << 16);
  try {
    for (let last = false; ; ) {
      const length = readSync(fd, buffer);
      if (length > 0) sink(stream, Uint8Array.from(buffer.subarray(0, length)));
      else if (last) return;
      else if (isOver()) last = true;
      else await delay(POLL_MS);
    }
  } finally {
    closeSync(fd);
  }
}

function arguments_(machine: Machine): readonly string[] {
  const { kernel, initrd, directory, memoryMib, cpus } = machine;
  const parameters = [...PARAMETERS, ...CGROUP_PARAMETERS[machine.cgroups], ...machine.parameters];
  const ports = PORTS.flatMap((name) => [
    ...["-chardev", `file,id=${name},path=${join(directory, name)}`],
    ...["-device", `virtserialport,chardev=${name},name=${name}`],
  ]);
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-machine", "q35", "-cpu", "max", ...accelerators()],
    ...["-smp", String(Math.min(cpus, availableParallelism())), "-m", String(memoryMib)],
    ...["-kernel", kernel.image, "-initrd", initrd, "-append", parameters.join(" ")],
    ...["-serial", `file:${join(directory, "console")}`],
    ...["-device", "virtio-rng-pci", "-device", "virtio-serial-pci", ...ports],
    ...["-fsdev", "local,id=hostroot,path=/,security_model=passthrough,readonly=on,multidevs=remap"],
    ...["-device", "virtio-9p-pci,fsdev=hostroot,mount_tag=hostroot"],
  ];
}

/** Processors' own virtualization where this user has it, and software where not. */
function accelerators(): readonly string[] {
  const emulation = ["-accel", "tcg,thread=multi"];
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return ["-accel", "kvm", ...emulation];
  } catch {
    return emulation;
  }
}
