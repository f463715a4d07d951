import type { HostConfig } from "../container/container-config.ts";

/** What tells about the host or lets its devices be driven. Source: moby oci/defaults.go. */
export const MASKED_PATHS: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

/** What changes the host when it is written to. Source: moby oci/defaults.go. */
export const READONLY_PATHS: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

/** Whether a container gets them. */
export function restrictsPaths({ Privileged, SecurityOpt }: HostConfig): boolean {
  return !Privileged && !SecurityOpt.includes("systempaths=unconfined");
}
