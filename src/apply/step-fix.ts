import { errnoName } from "../linux/errno.ts";
import { MOUNT_ATTR } from "../linux/mount-flags.ts";
import { rlimitNumber } from "../linux/rlimits.ts";
import { SCHEDULER_POLICIES } from "../linux/scheduler.ts";
import type { OpName } from "../plan/op-table.ts";
import type { FailureRecord } from "./failure-record.ts";

/** What mends a step's failure, for those that users meet most. */
export function stepFix(record: FailureRecord): string | undefined {
  const fix = FIXES[record.opName]?.[errnoName(record.errno)];
  return typeof fix === "function" ? fix(record) : fix;
}

type Fix = string | ((record: FailureRecord) => string | undefined);

const FORBIDDEN_NAMESPACES =
  "check the kernel parameters user.max_*_namespaces, kernel.unprivileged_userns_clone and " +
  "kernel.apparmor_restrict_unprivileged_userns";
const TOO_MANY_PROCESSES =
  "end some, or raise the limit of processes that is reached: of the container's cgroup or one above it (pids.max), of " +
  "the user (RLIMIT_NPROC) or of the host (kernel.pid_max)";
const NICE = "run as root, or leave it out: only CAP_SYS_NICE on the host itself allows it";

/** By the step's operation and the error's name. */
const FIXES: Readonly<Partial<Record<OpName, Readonly<Record<string, Fix>>>>> = {
  "tree.open": { ENOENT: missingSource, EINVAL: partOfTree },
  "mount.attach": { ENOTDIR: differentTypes, EPERM: lockedFlags },
  "mount.fs": { EPERM: foreignFilesystem },
  "rlimit.allow": { EPERM: forbiddenRlimit },
  "oom.score_adj": {
    EACCES: "ask for no less than the caller has: only CAP_SYS_RESOURCE on the host itself lowers it",
  },
  "sched.set": { EPERM: forbiddenScheduler },
  "io.priority": { EPERM: NICE },
  "cgroup.write": { EBUSY: busyCgroup, EOPNOTSUPP: threadedCgroup },
  "ns.unshare": {
    EINVAL: "check /proc/sys/user/max_*_namespaces",
    ENOSPC: FORBIDDEN_NAMESPACES,
    EPERM: FORBIDDEN_NAMESPACES,
  },
  "child.clone": { EAGAIN: TOO_MANY_PROCESSES, ENOSPC: FORBIDDEN_NAMESPACES, EPERM: FORBIDDEN_NAMESPACES },
  "init.clone": { EAGAIN: TOO_MANY_PROCESSES, ENOSPC: FORBIDDEN_NAMESPACES, EPERM: FORBIDDEN_NAMESPACES },
  "ns.join": { EINVAL: "give the path of a namespace of this type" },
  "idmap.helper": { ECANCELED: refusedByHelper },
  "user.set": {
    EINVAL:
      "map it in the user namespace; an ordinary user's further ids are those of /etc/subuid and /etc/subgid, which root gives: " +
      "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
  },
  exec: {
    ENOENT:
      'the file is there, and what it needs is not: put the interpreter of its "#!" line (a carriage return at the end is ' +
      "part of the name) or the dynamic loader that it was linked for into the container",
    ENOEXEC: `give a script a "#!" line; a program has to be for this processor (${process.arch})`,
  },
};

/** Source: getrlimit(2), the kernel's admin-guide/sysctl/fs.rst. */
function forbiddenRlimit({ op }: FailureRecord): string {
  const own = "ask for no more than the caller's own hard limit";
  const isOfFiles = op?.op === "rlimit.allow" && Number(op.resource) === rlimitNumber("RLIMIT_NOFILE");
  return isOfFiles ? `${own} and than fs.nr_open, which bounds even root` : own;
}

function busyCgroup({ op }: FailureRecord): string {
  const isEnabling = op?.op === "cgroup.write" && op.path.endsWith("/cgroup.subtree_control");
  if (!isEnabling) return "choose a limit above what is in use now";
  return "name a cgroup in cgroupsPath that is below none with processes: those cannot hand this controller on";
}

/** Source: cgroups(7), "Thread mode". */
function threadedCgroup({ op }: FailureRecord): string | undefined {
  if (op?.op !== "cgroup.write" || !op.path.endsWith("/cgroup.subtree_control")) return undefined;
  return "leave the limit out, or name a cgroup in cgroupsPath that is in no threaded tree: cpu, cpuset and pids work there alone";
}

/** A deadline is admitted where the process may use every processor. Source: sched_setattr(2), sched(7). */
function forbiddenScheduler({ op }: FailureRecord): string {
  if (op?.op !== "sched.set" || Number(op.policy) !== SCHEDULER_POLICIES.SCHED_DEADLINE) return NICE;
  return `${NICE}; and a process scheduler can't be used together with AllowedCPUs: leave /linux/resources/cpu/cpus out`;
}

function missingSource({ op, origin }: FailureRecord): string | undefined {
  if (op?.op !== "tree.open") return undefined;
  return `create "${op.path}" or ${origin.startsWith("/mounts/") ? "correct the mount's source" : "leave it out"}`;
}

/** A user namespace may not uncover what is below a mount of others. Source: mount_namespaces(7). */
function partOfTree({ op }: FailureRecord): string | undefined {
  if (op?.op !== "tree.open" || Number(op.recursive) !== 0) return undefined;
  return 'write "rbind" for "bind": in a user namespace a directory is bound with the mounts below it, or not at all';
}

function differentTypes({ op }: FailureRecord): string | undefined {
  if (op?.op !== "mount.attach") return undefined;
  return `mount a file onto a file and a directory onto a directory: "${op.source}" and "${op.target}" differ`;
}

/** The options that ask for the absence of a flag. */
const CLEARING: readonly (readonly [attr: number, option: string])[] = [
  [MOUNT_ATTR.RDONLY, "rw"],
  [MOUNT_ATTR.NOSUID, "suid"],
  [MOUNT_ATTR.NODEV, "dev"],
  [MOUNT_ATTR.NOEXEC, "exec"],
  [MOUNT_ATTR.ATIME, "the option of access times"],
];

/** Flags that the host has given to a mount stay in a user namespace. Source: mount_namespaces(7), "locked". */
function lockedFlags({ op, call }: FailureRecord): string | undefined {
  if (op?.op !== "mount.attach" || call !== "mount_setattr") return undefined;
  const cleared = Number(op.attrClear) | Number(op.recursiveClear);
  const names = CLEARING.filter(([attr]) => (cleared & attr) === attr).map(([, option]) => option);
  if (names.length === 0) return undefined;
  return `leave out ${names.join(", ")}: a user namespace keeps the flags that the host has given to "${op.source}"`;
}

/** What the kernel lets a user namespace mount. Source: FS_USERNS_MOUNT in the sources of Linux 6.18. */
const OWN_FILESYSTEMS = ["proc", "sysfs", "tmpfs", "ramfs", "devpts", "mqueue", "cgroup", "cgroup2", "overlay", "fuse"];

function foreignFilesystem({ op }: FailureRecord): string | undefined {
  if (op?.op !== "mount.fs" || OWN_FILESYSTEMS.includes(op.type)) return undefined;
  return `mount it on the host and bind it: in a user namespace "${op.type}" cannot be mounted`;
}

function refusedByHelper({ op, note }: FailureRecord): string | undefined {
  if (note.includes("owned by a different user")) return "run with the user's own group of /etc/passwd (newgrp)";
  if (op?.op !== "idmap.helper" || !/not permitted|could not set caps/i.test(note)) return undefined;
  return `as root: chmod u+s ${op.program}; and run without no_new_privs, under which it has no power`;
}
