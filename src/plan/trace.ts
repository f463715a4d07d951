import type { OpName } from "./op-table.ts";
import type { Step } from "./step.ts";
import { HOST_CALLS } from "./trace/host-calls.ts";
import { MOUNT_CALLS } from "./trace/mount-calls.ts";
import { call, type Expected } from "./trace/patterns.ts";
import { PROCESS_CALLS } from "./trace/process-calls.ts";

type CallsOf = (op: never) => readonly Expected[];

const CALLS: Readonly<Partial<Record<OpName, CallsOf>>> = { ...HOST_CALLS, ...MOUNT_CALLS, ...PROCESS_CALLS };

/**
 * The system calls that a step makes, in order, with the arguments that matter: what a trace of the process that
 * carries it out has to show. Only calls that change something, and those that open what later ones use. Throws
 * TypeError for an operation that nobody has described.
 */
export function expectedCalls({ op }: Step): readonly Expected[] {
  const calls = CALLS[op.op] as ((op: Step["op"]) => readonly Expected[]) | undefined; // each takes the op of its key
  if (calls === undefined) throw new TypeError(`nothing says which system calls ${op.op} makes`);
  return calls(op);
}

/** The calls of a process of its own that a step makes: a program's up to its execve; none where there is no such process. */
export function programCalls({ op }: Step): readonly Expected[] {
  if (op.op === "tree.open_inside") {
    return [
      call("setns", "CLONE_NEWNS"),
      { ...call("open_tree", op.path), gives: "tree" },
      call("dup3", { fd: "tree" }),
    ];
  }
  if (op.op !== "hook.run" && op.op !== "idmap.helper") return [];
  const streams = ["0", "1", "2"].map((fd) => call("dup3", fd));
  const directory = op.op === "hook.run" && Number(op.atRoot) !== 0 ? [call("fchdir")] : [];
  return [
    ...streams,
    ...directory,
    call("close_range", "3"),
    call("execve", op.op === "hook.run" ? op.path : op.program),
  ];
}

/** What the interpreter does by itself before the first step: its own umask is of no importance to anybody. */
export const START_CALLS: readonly Expected[] = [{ call: "umask", args: ["000"] }];

/** Calls that give descriptors, by which later ones are known; they count where a file is opened to be written. */
export const OPENING_CALLS: readonly string[] = ["open", "openat", "openat2", "socket", "pidfd_open", "recvmsg"];

/**
 * The calls that a trace must hold none of beside those of the plan: everything that changes the process, the file
 * systems, other processes or the kernel's state.
 */
export const STATE_CHANGING_CALLS: readonly string[] = [
  ...["clone", "clone3", "fork", "vfork", "execve", "execveat", "kill", "tkill", "tgkill", "pidfd_send_signal"],
  ...["unshare", "setns", "mount", "umount2", "move_mount", "open_tree", "fsopen", "fspick", "fsconfig", "fsmount"],
  ...["mount_setattr", "pivot_root", "chroot", "chdir", "fchdir", "creat"],
  ...["mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat", "unlink", "unlinkat", "rmdir"],
  ...["rename", "renameat", "renameat2", "truncate", "ftruncate", "fallocate", "chmod", "fchmod", "fchmodat", "chown"],
  ...["lchown", "fchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr", "utimensat", "write", "pwrite64", "writev"],
  ...["sendfile", "splice", "copy_file_range", "memfd_create", "sendto", "sendmsg", "sendmmsg", "bind", "listen"],
  ...["connect", "accept", "accept4", "ioctl", "dup", "dup2", "dup3", "close_range", "setsid", "setpgid", "umask"],
  ...["setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups"],
  ...["capset", "prctl", "seccomp", "bpf", "keyctl", "add_key", "personality", "sethostname", "setdomainname"],
  ...[
    "setrlimit",
    "prlimit64",
    "setpriority",
    "sched_setattr",
    "sched_setscheduler",
    "sched_setparam",
    "sched_setaffinity",
  ],
  ...["ioprio_set", "set_mempolicy", "mbind", "settimeofday", "clock_settime", "reboot", "swapon", "init_module"],
];
