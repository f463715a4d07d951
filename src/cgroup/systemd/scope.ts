import type { Origin } from "../../base/origin.ts";

/** The systemd unit that a container's processes are in, and the manager that has it. */
export interface Scope {
  /** "podman-4711.scope". */
  readonly unit: string;
  /** Whether it is the caller's own manager, and not the host's. */
  readonly user: boolean;
}

/** What has to be done for a scope: systemd makes the cgroup, and moves the container's first process to it. */
export interface ScopePlan extends Scope {
  /** The cgroup that shows when the first process is in it. */
  readonly directory: string;
  /** The command line that starts it, with PID_PLACEHOLDER for the first process. */
  readonly start: readonly string[];
  /** The command line that waits until it is gone. */
  readonly stop: readonly string[];
  readonly from: Origin;
}

/** A manager that can be asked for scopes. Read by sys/probe-systemd.ts. */
export interface SystemdFacts {
  readonly user: boolean;
  /** The manager's own cgroup: its units are below it. */
  readonly controlGroup: string;
  /** What cgroup.controllers lists there on v2. */
  readonly controllers: readonly string[];
  /** Absent where nobody has asked. */
  readonly version?: number;
  /** The absolute paths of busctl and systemctl. */
  readonly busctl: string;
  readonly systemctl: string;
}

/** The controllers that systemd knows, and enables for a unit that wants them. Source: systemd.resource-control(5). */
export const SYSTEMD_CONTROLLERS: readonly string[] = ["cpu", "cpuset", "io", "memory", "pids"];
