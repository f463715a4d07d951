/**
 * Every operation that a plan can hold: the one source of the wire format, of the printed form and of the texts of
 * failures. `native/ops.gen.h` is generated from it, and a hash over it makes a mismatched pair refuse to run.
 *
 * An argument is a string, an unsigned number (at most 2^64-1, as a bigint-safe decimal) or a list of strings.
 * `show` is the printed form and `action` what "Cannot …" is followed by; `{name}` stands for an argument.
 */
type ArgKind = "string" | "number" | "list";
type Stage = "parent" | "intermediate" | "init";

interface OpEntry {
  readonly args: Readonly<Record<string, ArgKind>>;
  readonly stages: readonly Stage[];
  /** Where the system call behind it is described. */
  readonly source: string;
  readonly show: string;
  readonly action: string;
}

const ALL: readonly Stage[] = ["parent", "intermediate", "init"];
const CHILD: readonly Stage[] = ["intermediate", "init"];
const PARENT: readonly Stage[] = ["parent"];
const INTERMEDIATE: readonly Stage[] = ["intermediate"];
const INIT: readonly Stage[] = ["init"];

export const OP_TABLE = {
  // ---- the runtime's side: state, cgroups, the child -------------------------------------------------------------
  "journal.open": {
    args: { path: "string" },
    stages: PARENT,
    source: "open(2)",
    show: "{path}",
    action: 'open the journal "{path}"',
  },
  "cgroup.mkdir": {
    args: { path: "string", own: "number", undo: "string" },
    stages: PARENT,
    source: "mkdir(2)",
    show: "{path}",
    action: 'create the cgroup "{path}"',
  },
  "cgroup.inherit": {
    args: { path: "string", parent: "string", file: "string" },
    stages: PARENT,
    source: "cpuset(7)",
    show: "{path}/{file} from {parent}",
    action: 'copy "{file}" from the cgroup "{parent}" to "{path}"',
  },
  "cgroup.write": {
    args: {
      path: "string",
      value: "string",
      when: "string",
      orElse: "string",
      orElseValue: "string",
      missing: "string",
    },
    stages: PARENT,
    source: "cgroups(7)",
    show: "{path} = {value}",
    action: 'write "{value}" to "{path}"',
  },
  "cgroup.usage_check": {
    args: { path: "string", limit: "number", of: "string" },
    stages: PARENT,
    source: "config-linux.md#memory",
    show: "{path} < {limit}",
    action: "set a limit of {limit} bytes: rejecting {of} limit",
  },
  "cgroup.open": {
    args: { slot: "number", path: "string" },
    stages: PARENT,
    source: "open(2)",
    show: "#{slot} {path}",
    action: 'open the cgroup "{path}"',
  },
  "cgroup.join": {
    args: { slot: "number", path: "string" },
    stages: CHILD,
    source: "cgroups(7)",
    show: "#{slot} {path}",
    action: 'join the cgroup "{path}"',
  },
  "cgroup.kill": {
    args: { path: "string" },
    stages: PARENT,
    source: "kill(2)",
    show: "{path}",
    action: 'kill the processes of the cgroup "{path}"',
  },
  "cgroup.rmdir": {
    args: { path: "string" },
    stages: PARENT,
    source: "rmdir(2)",
    show: "{path}",
    action: 'remove the cgroup "{path}"',
  },
  "cgroup.release": {
    args: { path: "string" },
    stages: PARENT,
    source: "rmdir(2)",
    show: "{path}",
    action: 'remove the cgroup "{path}", unless others use it',
  },
  "cgroup.device_program": {
    args: { path: "string", program: "string" },
    stages: PARENT,
    source: "bpf(2)",
    show: "{path}",
    action: 'attach the device program to the cgroup "{path}"',
  },
  "child.clone": {
    args: { flags: "number", stage: "string", cgroup: "number" },
    stages: PARENT,
    source: "clone(2)",
    show: "{stage} {flags:clone}",
    action: "create the container's first process",
  },
  "child.adopt": {
    args: {},
    stages: PARENT,
    source: "waitid(2)",
    show: "",
    action: "take over the container's init from the intermediate process",
  },
  "child.wait_exec": {
    args: {},
    stages: PARENT,
    source: "execve(2)",
    show: "",
    action: "start the container's process",
  },
  "child.wait_exit": {
    args: { terminal: "number" },
    stages: PARENT,
    source: "waitid(2)",
    show: "",
    action: "wait for the container's process",
  },
  "idmap.write": {
    args: { uidMap: "string", gidMap: "string", denySetgroups: "number" },
    stages: PARENT,
    source: "user_namespaces(7)",
    show: "uid {uidMap} gid {gidMap}",
    action: 'write the id mappings (uid "{uidMap}", gid "{gidMap}")',
  },
  "idmap.helper": {
    args: { program: "string", triples: "list" },
    stages: PARENT,
    source: "newuidmap(1)",
    show: "{program} {triples}",
    action: 'write the id mappings with "{program}"',
  },
  "rlimit.set": {
    args: { resource: "number", soft: "number", hard: "number" },
    stages: PARENT,
    source: "prlimit(2)",
    show: "{resource:rlimit} {soft}:{hard}",
    action: "set {resource:rlimit} to {soft}:{hard}",
  },
  "oom.score_adj": {
    args: { value: "string" },
    stages: ALL,
    source: "proc_pid_oom_score_adj(5)",
    show: "{value}",
    action: "set oom_score_adj to {value}",
  },
  "hook.run": {
    args: {
      kind: "string",
      path: "string",
      args: "list",
      env: "list",
      timeoutMs: "number",
      stateBeforePid: "string",
      stateAfterPid: "string",
      mustSucceed: "number",
    },
    stages: ["parent", "init"],
    source: "config.md#posix-platform-hooks",
    show: "{kind} {path}",
    action: 'run the {kind} hook "{path}"',
  },
  "sync.post": {
    args: { barrier: "string" },
    stages: ALL,
    source: "docs/architecture.md",
    show: "{barrier}",
    action: 'announce "{barrier}"',
  },
  "sync.wait": {
    args: { barrier: "string" },
    stages: ALL,
    source: "docs/architecture.md",
    show: "{barrier}",
    action: 'wait for "{barrier}"',
  },
  "start.listen": {
    args: { path: "string", slot: "number" },
    stages: PARENT,
    source: "unix(7)",
    show: "#{slot} {path}",
    action: 'listen on "{path}"',
  },
  "start.wait": {
    args: { slot: "number" },
    stages: INIT,
    source: "runtime.md#start",
    show: "#{slot}",
    action: "wait for start",
  },
  "state.write": {
    args: { path: "string", beforePid: "string", betweenPidAndStart: "string", afterStart: "string" },
    stages: PARENT,
    source: "rename(2)",
    show: "{path}",
    action: 'write the state file "{path}"',
  },
  "state.remove": {
    args: { directory: "string", files: "list" },
    stages: PARENT,
    source: "unlink(2)",
    show: "{directory}",
    action: 'remove the state directory "{directory}"',
  },
  "pidfile.write": {
    args: { path: "string", undo: "string" },
    stages: PARENT,
    source: "rename(2)",
    show: "{path}",
    action: 'write the pid file "{path}"',
  },
  "pidfd.send": {
    args: { path: "string" },
    stages: PARENT,
    source: "pidfd_open(2)",
    show: "{path}",
    action: 'send the pidfd to "{path}"',
  },
  "lock.take": {
    args: { directory: "string" },
    stages: PARENT,
    source: "flock(2)",
    show: "{directory}",
    action: 'lock the state directory "{directory}"',
  },
  "slot.close": {
    args: { slot: "number" },
    stages: ALL,
    source: "close(2)",
    show: "#{slot}",
    action: "close slot {slot}",
  },

  // ---- namespaces ------------------------------------------------------------------------------------------------
  "ns.open": {
    args: { slot: "number", path: "string" },
    stages: ["parent", "intermediate"],
    source: "open(2)",
    show: "#{slot} {path}",
    action: 'open the namespace "{path}"',
  },
  "ns.join": {
    args: { slot: "number", flag: "number", path: "string" },
    stages: CHILD,
    source: "setns(2)",
    show: "#{slot} {flag:clone} {path}",
    action: 'join the namespace "{path}"',
  },
  "process.open": {
    args: { slot: "number", pid: "number", startTime: "number" },
    stages: PARENT,
    source: "pidfd_open(2)",
    show: "#{slot} {pid}",
    action: "open process {pid}, the container's init",
  },
  "dumpable.clear": {
    args: {},
    stages: CHILD,
    source: "PR_SET_DUMPABLE(2const)",
    show: "",
    action: "hide from the container's processes",
  },
  "ns.join_process": {
    args: { slot: "number", pid: "number", flags: "number" },
    stages: INTERMEDIATE,
    source: "setns(2)",
    show: "#{slot} {pid} {flags:clone}",
    action: "join the namespaces {flags:clone} of process {pid}",
  },
  "ns.unshare": {
    args: { flags: "number" },
    stages: CHILD,
    source: "unshare(2)",
    show: "{flags:clone}",
    action: "create the namespaces {flags:clone}",
  },
  "ns.become_root": {
    args: {},
    stages: CHILD,
    source: "setresuid(2)",
    show: "uid 0 gid 0",
    action: "become root of the user namespace",
  },
  "time.offsets": {
    args: { text: "string" },
    stages: INTERMEDIATE,
    source: "time_namespaces(7)",
    show: "{text}",
    action: 'set the time offsets "{text}"',
  },
  "init.clone": {
    args: { flags: "number" },
    stages: INTERMEDIATE,
    source: "clone(2)",
    show: "{flags:clone}",
    action: "create the container's init",
  },
  "session.new": {
    args: {},
    stages: INIT,
    source: "setsid(2)",
    show: "",
    action: "create a session",
  },
  "keyring.join": {
    args: { name: "string" },
    stages: INIT,
    source: "keyctl(2)",
    show: "{name}",
    action: 'join the session keyring "{name}"',
  },
  "net.loopback_up": {
    args: {},
    stages: INIT,
    source: "netdevice(7)",
    show: "lo",
    action: "bring up the loopback device",
  },
  "uts.hostname": {
    args: { name: "string" },
    stages: INIT,
    source: "sethostname(2)",
    show: "{name}",
    action: 'set the hostname "{name}"',
  },
  "uts.domainname": {
    args: { name: "string" },
    stages: INIT,
    source: "setdomainname(2)",
    show: "{name}",
    action: 'set the domainname "{name}"',
  },

  // ---- the root filesystem ---------------------------------------------------------------------------------------
  "mount.propagation": {
    args: { path: "string", flags: "number" },
    stages: INIT,
    source: "mount_setattr(2)",
    show: "{path} {flags:propagation}",
    action: 'make "{path}" {flags:propagation}',
  },
  "root.attach": {
    args: { path: "string", slot: "number", privateParent: "number" },
    stages: INIT,
    source: "open_tree(2)",
    show: "{path}",
    action: 'mount the root filesystem "{path}"',
  },
  "tree.open": {
    args: { slot: "number", path: "string", recursive: "number" },
    stages: ["parent", "init"],
    source: "open_tree(2)",
    show: "#{slot} {path}",
    action: 'open the mount source "{path}"',
  },
  "tree.idmap": {
    args: { slot: "number", uidMap: "string", gidMap: "string", recursive: "number" },
    stages: PARENT,
    source: "mount_setattr(2)",
    show: "#{slot} uid {uidMap} gid {gidMap}",
    action: 'map the ids of the mount (uid "{uidMap}", gid "{gidMap}")',
  },
  "mount.attach": {
    args: {
      slot: "number",
      source: "string",
      target: "string",
      attrSet: "number",
      attrClear: "number",
      recursiveSet: "number",
      recursiveClear: "number",
      propagation: "list",
      flags: "number",
    },
    stages: INIT,
    source: "move_mount(2)",
    show: "{source} → {target} {attrSet:attr} {recursiveSet:rattr} {propagation:propagation}",
    action: 'mount "{source}" at "{target}"',
  },
  "mount.fs": {
    args: {
      type: "string",
      source: "string",
      target: "string",
      data: "list",
      attr: "number",
      propagation: "list",
      flags: "number",
    },
    stages: INIT,
    source: "fsmount(2)",
    show: "{type} → {target} {attr:attr} {data} {propagation:propagation}",
    action: 'mount "{type}" at "{target}"',
  },
  "mount.classic": {
    args: {
      type: "string",
      source: "string",
      target: "string",
      data: "string",
      mountFlags: "number",
      propagation: "list",
      flags: "number",
    },
    stages: INIT,
    source: "mount(2)",
    show: "{type} → {target} {mountFlags:ms} {data} {propagation:propagation}",
    action: 'mount "{type}" at "{target}"',
  },
  "mount.attr": {
    args: { target: "string", attrSet: "number", attrClear: "number", recursive: "number", propagation: "list" },
    stages: INIT,
    source: "mount_setattr(2)",
    show: "{target} {attrSet:attr} {recursive:recursive} {propagation:propagation}",
    action: 'change the mount at "{target}"',
  },
  "mount.copy_up": {
    args: { type: "string", source: "string", target: "string", data: "list", attr: "number", propagation: "list" },
    stages: INIT,
    source: "config.md#mounts",
    show: "{type} → {target} {attr:attr} {data} {propagation:propagation}",
    action: 'mount "{type}" at "{target}" with a copy of what is there',
  },
  "dev.node": {
    args: {
      path: "string",
      type: "string",
      major: "number",
      minor: "number",
      mode: "number",
      uid: "number",
      gid: "number",
    },
    stages: INIT,
    source: "mknod(2)",
    show: "{path} {type} {major}:{minor} {mode:octal} {uid}:{gid}",
    action: 'create the device "{path}" ({type} {major}:{minor})',
  },
  "dev.symlink": {
    args: { path: "string", target: "string" },
    stages: INIT,
    source: "symlink(2)",
    show: "{path} → {target}",
    action: 'create the symbolic link "{path}" to "{target}"',
  },
  "console.connect": {
    args: { slot: "number", path: "string" },
    stages: PARENT,
    source: "unix(7)",
    show: "#{slot} {path}",
    action: 'connect to the console socket "{path}"',
  },
  "console.open": {
    args: { slot: "number", rows: "number", columns: "number", uid: "number", bind: "number" },
    stages: INIT,
    source: "pts(4)",
    show: "→ #{slot}",
    action: "open a terminal in the container",
  },
  "console.receive": {
    args: {},
    stages: PARENT,
    source: "cmsg(3)",
    show: "",
    action: "receive the container's terminal",
  },
  "stdio.owner": {
    args: { uid: "number" },
    stages: INIT,
    source: "fchown(2)",
    show: "{uid}",
    action: "give the standard streams to user {uid}",
  },
  "root.pivot": {
    args: {},
    stages: INIT,
    source: "pivot_root(2)",
    show: "",
    action: "make the container's root filesystem the root",
  },
  "root.move": {
    args: {},
    stages: INIT,
    source: "move_mount(2), chroot(2)",
    show: "",
    action: "move the container's root filesystem to the root",
  },
  "root.chroot": {
    args: { path: "string" },
    stages: INIT,
    source: "chroot(2)",
    show: "{path}",
    action: 'change the root to "{path}"',
  },
  "root.open": {
    args: {},
    stages: INIT,
    source: "open(2)",
    show: "/",
    action: "open the container's root",
  },
  "root.propagation": {
    args: { flags: "number" },
    stages: INIT,
    source: "mount_setattr(2)",
    show: "{flags:propagation}",
    action: "make the root {flags:propagation}",
  },
  "root.readonly": {
    args: {},
    stages: INIT,
    source: "mount_setattr(2)",
    show: "/",
    action: "make the root read-only",
  },
  "path.readonly": {
    args: { path: "string" },
    stages: INIT,
    source: "mount_setattr(2)",
    show: "{path}",
    action: 'make "{path}" read-only',
  },
  "path.mask": {
    args: { path: "string" },
    stages: INIT,
    source: "move_mount(2)",
    show: "{path}",
    action: 'mask "{path}"',
  },
  "sysctl.write": {
    args: { path: "string", value: "string" },
    stages: INIT,
    source: "proc_sys(5)",
    show: "{path} = {value}",
    action: 'set "{path}" to "{value}"',
  },

  // ---- the process -----------------------------------------------------------------------------------------------
  "net.device": {
    args: { name: "string", newName: "string" },
    stages: PARENT,
    source: "config-linux.md#network-devices",
    show: "{name} → {newName}",
    action: 'move the network device "{name}" into the container',
  },
  "sched.set": {
    args: {
      policy: "number",
      nice: "string",
      priority: "number",
      flags: "number",
      runtime: "number",
      deadline: "number",
      period: "number",
    },
    stages: ["parent", "init"],
    source: "sched_setattr(2)",
    show: "policy {policy}",
    action: "set the scheduler",
  },
  "sched.affinity": {
    args: { cpus: "string" },
    stages: ALL,
    source: "sched_setaffinity(2)",
    show: "{cpus}",
    action: 'run on the processors "{cpus}"',
  },
  "io.priority": {
    args: { value: "number" },
    stages: ["parent", "init"],
    source: "ioprio_set(2)",
    show: "{value}",
    action: "set the I/O priority",
  },
  personality: {
    args: { value: "number" },
    stages: INIT,
    source: "personality(2)",
    show: "{value}",
    action: "set the personality",
  },
  "memory.policy": {
    args: { mode: "number", nodes: "string" },
    stages: INIT,
    source: "set_mempolicy(2)",
    show: "{mode} {nodes}",
    action: "set the memory policy",
  },
  "lsm.write": {
    args: { path: "string", value: "string" },
    stages: INIT,
    source: "apparmor(7)",
    show: "{path} = {value}",
    action: 'write "{value}" to "{path}"',
  },
  no_new_privs: {
    args: {},
    stages: INIT,
    source: "PR_SET_NO_NEW_PRIVS(2const)",
    show: "",
    action: "set no_new_privs",
  },
  "caps.bounding": {
    args: { keep: "number" },
    stages: INIT,
    source: "capabilities(7)",
    show: "{keep:caps}",
    action: "drop capabilities from the bounding set",
  },
  "caps.set": {
    args: { effective: "number", permitted: "number", inheritable: "number", ambient: "number" },
    stages: INIT,
    source: "capset(2)",
    show: "effective {effective:caps}",
    action: "set the capabilities",
  },
  "user.groups": {
    args: { gids: "list" },
    stages: INIT,
    source: "setgroups(2)",
    show: "{gids}",
    action: "set the additional groups {gids}",
  },
  "user.set": {
    args: { uid: "number", gid: "number" },
    stages: INIT,
    source: "setresuid(2)",
    show: "{uid}:{gid}",
    action: "become user {uid}:{gid}",
  },
  umask: {
    args: { mask: "number" },
    stages: INIT,
    source: "umask(2)",
    show: "{mask:octal}",
    action: "set the umask",
  },
  cwd: {
    args: { path: "string", create: "number" },
    stages: INIT,
    source: "chdir(2)",
    show: "{path}",
    action: 'enter the working directory "{path}"',
  },
  "env.home": {
    args: { uid: "number" },
    stages: INIT,
    source: "passwd(5)",
    show: "HOME of {uid}",
    action: "find the home directory of user {uid}",
  },
  "fds.inherit": {
    args: { count: "number" },
    stages: INIT,
    source: "close_range(2)",
    show: "0-2 and {count} more",
    action: "close the other file descriptors",
  },
  "exec.find": {
    args: { command: "string", path: "string" },
    stages: INIT,
    source: "execvp(3)",
    show: "{command}",
    action: 'find the command "{command}"',
  },
  "seccomp.load": {
    args: { flags: "number", program: "string", listener: "number" },
    stages: INIT,
    source: "seccomp(2)",
    show: "{program:bpf} BPF instructions",
    action: "load the seccomp filter",
  },
  "seccomp.send": {
    args: { path: "string", aroundPids: "list" },
    stages: PARENT,
    source: "config-linux.md#seccomp",
    show: "{path}",
    action: 'send the seccomp listener to "{path}"',
  },
  exec: {
    args: { args: "list", env: "list" },
    stages: INIT,
    source: "execve(2)",
    show: "{args}",
    action: "execute the command",
  },
} as const satisfies Readonly<Record<string, OpEntry>>;

export type OpName = keyof typeof OP_TABLE;

type ArgType<K> = K extends "string" ? string : K extends "number" ? number | bigint : readonly string[];
type ArgsOf<N extends OpName> = {
  readonly [A in keyof (typeof OP_TABLE)[N]["args"]]: ArgType<(typeof OP_TABLE)[N]["args"][A]>;
};

/** One operation with its arguments, discriminated by `op`. */
export type Op = { [N in OpName]: { readonly op: N } & ArgsOf<N> }[OpName];

/** File descriptor slots that mean the same in every plan; the others are handed out by the builder. */
export const SLOT_LOCK = 0;
export const SLOT_REPORT = 1;
export const FIRST_FREE_SLOT = 2;
export const SLOT_COUNT = 128;
