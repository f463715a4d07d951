import { NAMESPACES } from "../../linux/namespaces.ts";
import type { OpName } from "../op-table.ts";
import type { HookKind } from "../parts/hooks.ts";
import type { Step } from "../step.ts";

/** What an order depends on: the operation, and for some of them what it does. */
export type StepKind =
  | Exclude<OpName, "hook.run" | "ns.unshare" | "child.clone">
  | `hook.run ${HookKind}`
  | "ns.unshare"
  | "ns.unshare user"
  | "ns.unshare cgroup"
  | "ns.unshare time"
  | "child.clone intermediate"
  | "child.clone init";

/** Every step of `earlier` is carried out before every step of `later`, whichever processes do so. */
export interface OrderLaw {
  readonly earlier: readonly StepKind[];
  readonly later: readonly StepKind[];
  /** When there must be one of `earlier` where there is one of `later`; `exec` finds its container made. */
  readonly required?: "always" | "in a new container";
  /** Follows "because". */
  readonly why: string;
}

const NEW_ROOT: readonly StepKind[] = ["root.pivot", "root.move", "root.chroot"];
const ID_MAPS: readonly StepKind[] = ["idmap.write", "idmap.helper"];
const NEW_MOUNTS: readonly StepKind[] = ["mount.attach", "mount.fs", "mount.classic", "mount.copy_up"];
const MOUNTS: readonly StepKind[] = [...NEW_MOUNTS, "mount.attr"];
const DEVICES: readonly StepKind[] = ["dev.node", "dev.symlink"];
const PROTECTION: readonly StepKind[] = ["root.readonly", "root.propagation", "path.readonly", "path.mask"];
const INIT_MADE: readonly StepKind[] = ["child.clone init", "child.adopt", "criu.adopt"];
const RUNTIME_HOOKS: readonly StepKind[] = ["hook.run prestart", "hook.run createRuntime"];
const CGROUP_LIMITS: readonly StepKind[] = ["cgroup.write", "cgroup.device_program"];
/** What is done to the init from outside, by its pid. */
const BY_PID: readonly StepKind[] = [
  "rlimit.allow",
  "net.device",
  "tree.open_inside",
  "state.write",
  "pidfile.write",
  "pidfd.send",
  ...RUNTIME_HOOKS,
];

const SEEN_FROM_INSIDE = "processes of the container could look into one that holds what is the host's (CVE-2016-9962)";

export const ORDER_LAWS: readonly OrderLaw[] = [
  {
    earlier: ["journal.open"],
    later: ["cgroup.mkdir", "child.clone init", "child.clone intermediate", "scope.start", "pidfile.write"],
    required: "in a new container",
    why: "what is done to the host is in the journal before it is done",
  },
  {
    earlier: ["cgroup.mkdir"],
    later: [...CGROUP_LIMITS, "cgroup.inherit", "cgroup.chown", "cgroup.open", "cgroup.usage_check"],
    why: "a cgroup has files when it exists",
  },
  {
    earlier: CGROUP_LIMITS,
    later: ["cgroup.join", "session.new"],
    why: "a limit holds from what the container's first process does on",
  },
  {
    earlier: ["cgroup.inherit"],
    later: ["ns.unshare cgroup", "user.set", "exec"],
    why: "a process can join a cpuset that has processors and memory nodes (cpuset(7))",
  },
  {
    earlier: ["cgroup.raise"],
    later: ["state.write", "exec"],
    why: "the container that is made has the limits of its config",
  },
  {
    earlier: ["exec.read_ahead"],
    later: ["cgroup.join", "session.new"],
    why: "what the runtime's side reads is not charged to the container",
  },
  {
    earlier: ["cgroup.join", "scope.start"],
    later: ["ns.unshare cgroup", "exec"],
    why: "the root of a cgroup namespace is where its maker is (cgroup_namespaces(7))",
  },
  {
    earlier: ["ns.unshare user"],
    later: ID_MAPS,
    why: "mappings belong to a user namespace that is there (user_namespaces(7))",
  },
  {
    earlier: ID_MAPS,
    later: ["ns.become_root", "user.groups", "user.set"],
    why: "an id that is not mapped cannot be taken (user_namespaces(7))",
  },
  { earlier: ["dumpable.clear"], later: ["ns.join_process"], required: "always", why: SEEN_FROM_INSIDE },
  { earlier: ["dumpable.clear"], later: ["init.clone", "mount.propagation", "exec"], why: SEEN_FROM_INSIDE },
  { earlier: ["ns.unshare time"], later: ["time.offsets"], required: "always", why: "offsets are of a new clock" },
  {
    earlier: ["time.offsets"],
    later: ["init.clone"],
    why: "offsets cannot change once a process is in the namespace (time_namespaces(7))",
  },
  { earlier: INIT_MADE, later: BY_PID, required: "always", why: "it is done to the init, by its pid" },
  {
    earlier: ["rlimit.allow", "mount.propagation", ...NEW_MOUNTS, ...DEVICES, ...NEW_ROOT, "env.home", "exec.find"],
    later: ["rlimit.set"],
    why: "a limit of open files or of memory would hold for it too",
  },
  {
    earlier: ["rlimit.set", "oom.score_adj", "sched.set", "io.priority"],
    later: ["exec"],
    why: "the command inherits it",
  },
  {
    earlier: ["mount.propagation"],
    later: ["root.attach", ...MOUNTS, "root.pivot", "root.move", ...PROTECTION],
    required: "in a new container",
    why: "a mount would appear on the host where the propagation is shared (mount_namespaces(7))",
  },
  {
    earlier: ["root.attach"],
    later: [...MOUNTS, ...DEVICES, "root.pivot", "root.move"],
    required: "in a new container",
    why: "paths of the container are resolved below its root",
  },
  {
    earlier: [...NEW_MOUNTS, ...DEVICES, "tree.open"],
    later: NEW_ROOT,
    why: "nothing of the host can be named any more",
  },
  {
    earlier: [...NEW_MOUNTS, ...DEVICES],
    later: [...RUNTIME_HOOKS, "hook.run createContainer"],
    why: "these hooks see the finished file system (config.md#posix-platform-hooks)",
  },
  {
    earlier: RUNTIME_HOOKS,
    later: ["hook.run createContainer"],
    why: "createContainer hooks are called after them (config.md#createContainer-hooks)",
  },
  {
    earlier: [...RUNTIME_HOOKS, "hook.run createContainer"],
    later: NEW_ROOT,
    why: "these hooks are called before the root changes (config.md#posix-platform-hooks)",
  },
  {
    earlier: NEW_ROOT,
    later: ["cwd.make", "cwd", "env.home", "exec.find", "hook.run startContainer", "exec"],
    required: "in a new container",
    why: "its paths are the container's",
  },
  {
    earlier: NEW_ROOT,
    later: [...PROTECTION, "console.open"],
    why: "it is done in the container's own tree",
  },
  {
    earlier: ["cwd.make"],
    later: ["root.readonly"],
    why: "nothing can be made in a read-only root",
  },
  {
    earlier: ["session.new"],
    later: ["console.open"],
    required: "always",
    why: "the leader of a session gets the terminal",
  },
  {
    earlier: [
      "uts.hostname",
      "uts.domainname",
      "sysctl.write",
      ...NEW_ROOT,
      ...PROTECTION,
      "caps.bounding",
      "user.groups",
    ],
    later: ["user.set"],
    why: "it needs a capability, and the user may have none",
  },
  { earlier: ["user.set"], later: ["caps.set"], why: "a change of the user id clears the sets (capabilities(7))" },
  {
    earlier: [
      "no_new_privs",
      "caps.bounding",
      "user.set",
      "caps.set",
      "umask",
      "cwd",
      "exec.find",
      "env.home",
      "fds.inherit",
    ],
    later: ["exec"],
    why: "it is the command that it is meant for",
  },
  {
    earlier: ["caps.set"],
    later: ["exec"],
    required: "always",
    why: "the command has no other capabilities than these",
  },
  {
    earlier: ["fds.inherit"],
    later: ["exec"],
    required: "always",
    why: "no descriptor of the host's may be left open (CVE-2024-21626)",
  },
  {
    earlier: ["state.write"],
    later: ["pidfile.write", "pidfd.send", "start.wait", "hook.run startContainer", "exec"],
    required: "in a new container",
    why: "who learns of the container finds its state",
  },
  {
    earlier: ["start.wait"],
    later: ["hook.run startContainer"],
    why: "start calls them (config.md#startContainer-hooks)",
  },
  {
    earlier: ["seccomp.load"],
    later: ["hook.run startContainer"],
    why: "they run programs of the container's own, which it restricts",
  },
  {
    earlier: ["child.wait_exec", "criu.adopt"],
    later: ["hook.run poststart"],
    required: "always",
    why: "they are called after the command has started",
  },
  {
    earlier: ["child.wait_exec", "hook.run poststart"],
    later: ["child.wait_exit"],
    why: "they belong to the start of the command",
  },
  {
    earlier: ["child.wait_exit"],
    later: ["lock.take", "cgroup.kill", "scope.stop", "cgroup.rmdir", "cgroup.release", "state.remove"],
    required: "in a new container",
    why: "only a container that has stopped is deleted",
  },
  {
    earlier: ["lock.take"],
    later: ["cgroup.kill", "scope.stop", "cgroup.rmdir", "cgroup.release", "state.remove"],
    why: "nobody else deletes the container at the same time",
  },
  {
    earlier: ["cgroup.kill"],
    later: ["scope.stop", "cgroup.rmdir", "cgroup.release"],
    why: "a cgroup with processes cannot be removed",
  },
  {
    earlier: ["scope.stop", "cgroup.rmdir", "cgroup.release"],
    later: ["state.remove"],
    why: "with the state goes the list of what is left to undo",
  },
  {
    earlier: ["state.remove"],
    later: ["hook.run poststop"],
    why: "they are called after the deletion (config.md#poststop)",
  },
];

const { user, cgroup, time } = NAMESPACES;

export function kindOf({ op }: Step): StepKind {
  switch (op.op) {
    case "hook.run":
      return `hook.run ${op.kind as HookKind}`; // the builder's own word: the kinds of the config
    case "child.clone":
      return op.stage === "init" ? "child.clone init" : "child.clone intermediate";
    case "ns.unshare":
      return unshareKind(Number(op.flags));
    default:
      return op.op;
  }
}

function unshareKind(flags: number): StepKind {
  if ((flags & user.cloneFlag) !== 0) return "ns.unshare user";
  if ((flags & cgroup.cloneFlag) !== 0) return "ns.unshare cgroup";
  return (flags & time.cloneFlag) !== 0 ? "ns.unshare time" : "ns.unshare";
}
