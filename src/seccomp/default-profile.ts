import type { Seccomp, SeccompArch, SeccompArg, SeccompSyscall } from "../config/types.gen.ts";
import { NAMESPACES } from "../linux/namespaces.ts";
import { EPERM } from "../linux/seccomp.ts";

/**
 * The seccomp config that mydocker gives a container: docker's default one, so that images work alike. What is not
 * listed is denied with EPERM; calls that act on the whole host take a capability, and new namespaces CAP_SYS_ADMIN.
 * The architecture is the native one, named as in config.json; the capabilities are those of the bounding set.
 * Source: moby's default profile, its calls, conditions and capabilities.
 */
export function defaultSeccompProfile(arch: SeccompArch, capabilities: readonly string[] = []): Seccomp {
  const syscalls = [
    allow(Object.values(ALWAYS).join(" ")),
    ...ON_ARCHES.filter(({ arches }) => arches.includes(arch)).map(({ names }) => allow(names)),
    ...WITH_CAPABILITY.filter(({ capability }) => capabilities.includes(capability)).map(({ names }) => allow(names)),
    ...SOCKET_FAMILIES.map((condition) => allow("socket", condition)),
    ...PERSONALITIES.map((value) => allow("personality", { index: 0, value, op: "SCMP_CMP_EQ" })),
    ...(capabilities.includes("CAP_SYS_ADMIN") ? [] : withoutNamespaces(arch)),
  ];
  const architectures = [arch, ...(COMPANIONS[arch] ?? [])];
  return { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: EPERM, architectures, syscalls };
}

function allow(names: string, condition?: SeccompArg): SeccompSyscall {
  const entry = { names: names.split(" "), action: "SCMP_ACT_ALLOW" } as const;
  return condition === undefined ? entry : { ...entry, args: [condition] };
}

/** clone(2) without namespaces; clone3(2) hides its flags in memory, and ENOSYS makes a C library fall back to clone. */
function withoutNamespaces(arch: SeccompArch): readonly SeccompSyscall[] {
  const index = FLAGS_LAST.includes(arch) ? 1 : 0;
  return [
    allow("clone", { index, value: NAMESPACE_FLAGS, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }),
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
  ];
}

/** Where clone(2) takes the stack first and the flags second. Source: clone(2). */
const FLAGS_LAST: readonly SeccompArch[] = ["SCMP_ARCH_S390", "SCMP_ARCH_S390X"];

const NAMESPACE_FLAGS = Object.values(NAMESPACES)
  .filter((namespace) => namespace !== NAMESPACES.time)
  .reduce((flags, { cloneFlag }) => flags | cloneFlag, 0);

const ENOSYS = 38;

/** The other ABIs that a kernel of an architecture can run. */
const COMPANIONS: Readonly<Partial<Record<SeccompArch, readonly SeccompArch[]>>> = {
  SCMP_ARCH_X86_64: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  SCMP_ARCH_AARCH64: ["SCMP_ARCH_ARM"],
  SCMP_ARCH_MIPS64: ["SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64N32"],
  SCMP_ARCH_MIPS64N32: ["SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64"],
  SCMP_ARCH_MIPSEL64: ["SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32"],
  SCMP_ARCH_MIPSEL64N32: ["SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64"],
  SCMP_ARCH_S390X: ["SCMP_ARCH_S390"],
};

/** Every family but AF_ALG (38) and AF_VSOCK (40), which reach the kernel's crypto and the host. Source: sys/socket.h. */
const SOCKET_FAMILIES: readonly SeccompArg[] = [
  { index: 0, value: 38, op: "SCMP_CMP_LT" },
  { index: 0, value: 39, op: "SCMP_CMP_EQ" },
  { index: 0, value: 40, op: "SCMP_CMP_GT" },
];

/** PER_LINUX and PER_LINUX32, each also with UNAME26, and the question for the current one. Source: personality(2). */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** What a container without capabilities may call, by subject. */
const ALWAYS = {
  sockets:
    "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg " +
    "recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair",
  ipc:
    "ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend " +
    "mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop " +
    "semtimedop_time64 shmat shmctl shmdt shmget",
  memory:
    "brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 " +
    "mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free " +
    "pkey_mprotect process_mrelease remap_file_pages",
  signals:
    "alarm kill pause pidfd_open pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask " +
    "rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo " +
    "sigaltstack signalfd signalfd4 sigprocmask sigreturn tgkill tkill",
  time:
    "adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 " +
    "clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create " +
    "timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create " +
    "timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times",
  identity:
    "capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid " +
    "getresgid32 getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid setfsuid32 setgid " +
    "setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid " +
    "setreuid32 setuid setuid32",
  events:
    "_newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait " +
    "epoll_wait_old eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 " +
    "inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit " +
    "poll ppoll ppoll_time64 pselect6 pselect6_time64 select",
  processes:
    "execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake " +
    "get_robust_list get_thread_area getcpu getpgid getpgrp getpid getppid getpriority getrlimit getrusage " +
    "getsid gettid ioprio_get ioprio_set landlock_add_rule landlock_create_ruleset landlock_restrict_self " +
    "prctl prlimit64 process_vm_readv process_vm_writev ptrace riscv_hwprobe rseq sched_get_priority_max " +
    "sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler " +
    "sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam " +
    "sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address setpgid " +
    "setpriority setrlimit setsid ugetrlimit uretprobe vfork wait4 waitid waitpid",
  attributes:
    "access chmod chown chown32 faccessat faccessat2 fchmod fchmodat fchmodat2 fchown fchown32 fchownat " +
    "fgetxattr flistxattr fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 futimesat getxattr " +
    "getxattrat lchown lchown32 lgetxattr listmount listxattr listxattrat llistxattr lremovexattr lsetxattr " +
    "lstat lstat64 newfstatat removexattr removexattrat setxattr setxattrat stat stat64 statfs statfs64 " +
    "statmount statx umask utime utimensat utimensat_time64 utimes",
  descriptors:
    "_llseek close close_range copy_file_range dup dup2 dup3 fadvise64 fadvise64_64 fallocate fchdir fcntl " +
    "fcntl64 fdatasync flock fsync ftruncate ftruncate64 getdents getdents64 ioctl lseek pipe pipe2 pread64 " +
    "preadv preadv2 pwrite64 pwritev pwritev2 read readahead readv sendfile sendfile64 splice sync " +
    "sync_file_range syncfs tee vmsplice write writev",
  names:
    "chdir creat getcwd link linkat mkdir mkdirat mknod mknodat name_to_handle_at open openat openat2 " +
    "readlink readlinkat rename renameat renameat2 rmdir symlink symlinkat truncate truncate64 unlink " +
    "unlinkat",
  system: "getrandom sysinfo uname",
};

/** What only some architectures have, by the native one. */
const ON_ARCHES: readonly { readonly arches: readonly SeccompArch[]; readonly names: string }[] = [
  { arches: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"], names: "arch_prctl" },
  { arches: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_X86"], names: "modify_ldt" },
  {
    arches: ["SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64"],
    names: "arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2",
  },
  { arches: ["SCMP_ARCH_PPC64LE"], names: "swapcontext sync_file_range2" },
  { arches: ["SCMP_ARCH_RISCV64"], names: "riscv_flush_icache" },
  { arches: ["SCMP_ARCH_S390", "SCMP_ARCH_S390X"], names: "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr" },
];

/** What a capability adds. */
const WITH_CAPABILITY: readonly { readonly capability: string; readonly names: string }[] = [
  { capability: "CAP_BPF", names: "bpf" },
  { capability: "CAP_DAC_READ_SEARCH", names: "open_by_handle_at" },
  { capability: "CAP_PERFMON", names: "perf_event_open" },
  {
    capability: "CAP_SYS_ADMIN",
    names:
      "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr " +
      "lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl " +
      "quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare",
  },
  { capability: "CAP_SYS_BOOT", names: "reboot" },
  { capability: "CAP_SYS_CHROOT", names: "chroot" },
  { capability: "CAP_SYS_MODULE", names: "delete_module finit_module init_module" },
  { capability: "CAP_SYS_NICE", names: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node" },
  { capability: "CAP_SYS_PACCT", names: "acct" },
  { capability: "CAP_SYS_PTRACE", names: "kcmp pidfd_getfd process_madvise" },
  { capability: "CAP_SYS_RAWIO", names: "ioperm iopl" },
  { capability: "CAP_SYS_TIME", names: "clock_settime clock_settime64 settimeofday stime" },
  { capability: "CAP_SYS_TTY_CONFIG", names: "vhangup" },
  { capability: "CAP_SYSLOG", names: "syslog" },
];
