/**
 * The numbers of seccomp(2) and of classic BPF.
 * Sources: seccomp(2), include/uapi/linux/seccomp.h, bpf_common.h and filter.h of Linux 6.18.
 */

/** What a filter returns for an action; errno numbers and trace messages go into the lower 16 bits. */
export const SECCOMP_ACTIONS = {
  SCMP_ACT_KILL: 0x00000000,
  SCMP_ACT_KILL_THREAD: 0x00000000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
} as const;

/** The flags of SECCOMP_SET_MODE_FILTER that config.json can name. */
export const SECCOMP_FILTER_FLAGS = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
} as const;

/** Returns a listener's descriptor for SCMP_ACT_NOTIFY. */
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;

/** The largest error number that the kernel lets a filter return; it cuts larger ones down to this. */
export const MAX_ERRNO = 4095;

/** The largest number that a filter can hand to a tracer. */
export const MAX_TRACE_DATA = 0xffff;

/** The error number of an action that names none. Source: config-linux.md#seccomp, errno(3). */
export const EPERM = 1;

/** The most instructions that the kernel takes in one filter. */
export const BPF_MAXINSNS = 4096;

/** The conditional jumps that a filter uses (BPF_JMP | BPF_K and the test) and its other instructions. */
export const BPF = {
  /** A = the word of seccomp_data at k. */
  LOAD: 0x20,
  /** A &= k */
  AND: 0x54,
  JUMP: 0x05,
  /** A == k */
  JEQ: 0x15,
  /** A > k, unsigned */
  JGT: 0x25,
  /** A >= k, unsigned */
  JGE: 0x35,
  /** A & k */
  JSET: 0x45,
  RETURN: 0x06,
} as const;

/** Where struct seccomp_data has its members, in bytes. An argument is 64 bits wide on every architecture. */
export const SECCOMP_DATA = { nr: 0, arch: 4, args: 16 } as const;

/**
 * The calls that socketcall(2) and ipc(2) stand in for on some architectures: the number that selects each, as their
 * first argument. Sources: include/uapi/linux/net.h (socketcall), include/uapi/linux/ipc.h (ipc).
 */
export const MULTIPLEXED_CALLS: Readonly<Record<"socketcall" | "ipc", Readonly<Record<string, number>>>> = {
  socketcall: {
    socket: 1,
    bind: 2,
    connect: 3,
    listen: 4,
    accept: 5,
    getsockname: 6,
    getpeername: 7,
    socketpair: 8,
    send: 9,
    recv: 10,
    sendto: 11,
    recvfrom: 12,
    shutdown: 13,
    setsockopt: 14,
    getsockopt: 15,
    sendmsg: 16,
    recvmsg: 17,
    accept4: 18,
    recvmmsg: 19,
    sendmmsg: 20,
  },
  ipc: {
    semop: 1,
    semget: 2,
    semctl: 3,
    semtimedop: 4,
    msgsnd: 11,
    msgrcv: 12,
    msgget: 13,
    msgctl: 14,
    shmat: 21,
    shmdt: 22,
    shmget: 23,
    shmctl: 24,
  },
};
