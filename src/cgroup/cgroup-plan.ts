import type { Origin } from "../base/origin.ts";
import type { Problem } from "../base/problem.ts";
import type { Scope, ScopePlan } from "./systemd/scope.ts";

/**
 * What has to be done to control groups, as data and in order: first every directory, then every entry of `writes`,
 * then the joins, which the container's init does by itself.
 */
export interface CgroupPlan {
  readonly directories: readonly CgroupDirectory[];
  readonly writes: readonly CgroupWrite[];
  readonly joins: readonly CgroupJoin[];
  /** The v2 directory to clone the init into (CLONE_INTO_CGROUP). */
  readonly cloneInto?: string;
  /** With systemd: what makes v2's cgroup and moves the init there, after `directories` and before `writes`. */
  readonly scope?: ScopePlan;
  /** The container's own directories, as state.json keeps them. */
  readonly paths: CgroupPaths;
  /** What the config asks for and this host cannot do (errors), or does differently (warnings). */
  readonly problems: readonly Problem[];
}

/** A directory to make unless it exists; parents come before children. Only those that were made are ever undone. */
export interface CgroupDirectory {
  readonly path: string;
  /** Whether it is the container's own: where that exists, it must hold no process and must not be frozen. */
  readonly isOwn: boolean;
  readonly from: Origin;
}

/** Writes in order, and what this host cannot do. */
export interface Settings {
  readonly writes: readonly CgroupWrite[];
  readonly problems: readonly Problem[];
}

/** A setting of a cgroup. */
export type CgroupWrite = FileWrite | InheritFile | UsageCheck | DeviceProgramAttach | UnitProperties;

/** Writes `value` by one write(2) of the whole text to the existing file `path`. */
export interface FileWrite {
  readonly kind: "write";
  readonly path: string;
  readonly value: string;
  readonly from: Origin;
  readonly when: WriteCondition;
  /** The file that stands in where `path` does not exist: kernels have named some settings differently. */
  readonly orElse?: string;
  /** What `orElse` is written, where it has another scale; absent for the same value. */
  readonly orElseValue?: string;
  /** Why the file may be missing, for the error's text. */
  readonly missing?: string;
}

/**
 * - "always": any refusal is an error.
 * - "exists": a file that is missing (ENOENT) is skipped; the setting only adds to another one.
 * - "zero": written only where the file now reads 0.
 * - "invalid": written only where the file now reads "domain invalid"; it is skipped where it is missing.
 * - "possible": any refusal is skipped; nothing that the config asks for depends on it.
 */
export type WriteCondition = "always" | "exists" | "zero" | "invalid" | "possible";

/** Copies `<parent>/<file>` to `<path>/<file>` if the latter reads empty, as new v1 cpusets do (cpuset(7)). */
export interface InheritFile {
  readonly kind: "inherit";
  readonly path: string;
  readonly parent: string;
  readonly file: "cpuset.cpus" | "cpuset.mems";
  readonly from: Origin;
}

/** Fails unless the number in the file `path` is lower than `limitBytes`. Source: config-linux.md#memory, checkBeforeUpdate. */
export interface UsageCheck {
  readonly kind: "usageCheck";
  readonly of: "memory" | "memory+swap";
  readonly path: string;
  readonly limitBytes: string;
  readonly from: Origin;
}

/** Loads a BPF_PROG_TYPE_CGROUP_DEVICE program and attaches it to the v2 directory `path` in place of the one there. */
export interface DeviceProgramAttach {
  readonly kind: "deviceProgram";
  readonly path: string;
  /** struct bpf_insn after struct bpf_insn, little-endian, in hexadecimal. */
  readonly program: string;
  readonly from: Origin;
}

/** Tells systemd the new values of a unit's properties, which it would otherwise put back one day. */
export interface UnitProperties {
  readonly kind: "unitProperties";
  /** The unit's name. */
  readonly path: string;
  readonly command: readonly string[];
  readonly from: Origin;
}

/**
 * A v1 `tasks` file that the single-threaded init writes "0" into. Neither `cgroup.procs` nor another process's pid:
 * both make the kernel wait for an RCU grace period, which takes about 10 ms; `tasks` with "0" takes 0.02 ms.
 */
export interface CgroupJoin {
  readonly path: string;
  readonly from: Origin;
}

/** The directories of a container's cgroups, by v1 controller or "name=…" of a named hierarchy, and the v2 one. */
export interface CgroupPaths {
  readonly v1: Readonly<Record<string, string>>;
  readonly v2?: string;
  /** The unit that systemd has made for them. */
  readonly scope?: Scope;
}
