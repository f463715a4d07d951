import { CAPABILITIES } from "../../linux/capabilities.ts";
import type { OpName } from "../op-table.ts";
import type { CallTable } from "./host-calls.ts";
import {
  type CallPattern,
  call,
  type Expected,
  limitName,
  limitText,
  makingTarget,
  OPEN_NULL,
  writing,
} from "./patterns.ts";

const NOTHING: readonly Expected[] = [];

/** What the process becomes, up to its command. Source: the ops_*.c of native/: process, credentials, command, ns, hook. */
export const PROCESS_CALLS = {
  "session.new": () => [call("setsid")],
  "signals.heed": () => [],
  "keyring.join": ({ name }) => [call("keyctl", "KEYCTL_JOIN_SESSION_KEYRING", name)],
  "net.loopback_up": () => [{ call: "ioctl", args: ["SIOCSIFFLAGS"], fields: { ifr_name: "lo" } }],
  "uts.hostname": ({ name }) => [call("sethostname", name)],
  "uts.domainname": ({ name }) => [call("setdomainname", name)],
  // The caller's /dev/null gives way to the container's; another stream gets the process's user as its owner.
  "stdio.owner": ({ uid }) =>
    ["0", "1", "2"].flatMap((fd) => [
      { maybe: [OPEN_NULL, call("dup3", { fd: "null" }, fd)] },
      { anyOf: [call("fchown", fd, String(uid))] },
    ]),
  "rlimit.set": ({ resource, soft, hard }) => [
    {
      call: "prlimit64",
      args: ["0", limitName(resource)],
      fields: { rlim_cur: limitText(soft), rlim_max: limitText(hard) },
    },
  ],
  "sched.set": () => [call("sched_setattr")],
  "sched.affinity": () => [call("sched_setaffinity")],
  "io.priority": () => [call("ioprio_set", "IOPRIO_WHO_PROCESS")],
  personality: () => [call("personality")],
  "memory.policy": () => [call("set_mempolicy")],
  "lsm.write": ({ path, value }) => writing(path, value),
  no_new_privs: () => [call("prctl", "PR_SET_NO_NEW_PRIVS", "1")],
  "caps.bounding": ({ keep }) => namesOf(~BigInt(keep)).map((name) => call("prctl", "PR_CAPBSET_DROP", name)),
  "caps.set": ({ effective, permitted, inheritable, ambient }) => [
    {
      call: "capset",
      fields: { effective: setText(effective), permitted: setText(permitted), inheritable: setText(inheritable) },
    },
    call("prctl", "PR_CAP_AMBIENT", "PR_CAP_AMBIENT_CLEAR_ALL"),
    ...namesOf(BigInt(ambient)).map((name) => call("prctl", "PR_CAP_AMBIENT", "PR_CAP_AMBIENT_RAISE", name)),
  ],
  "user.groups": ({ gids }) => [call("setgroups", String(gids.length), `[${gids.join(", ")}]`)],
  "user.set": ({ uid, gid }) => [
    call("prctl", "PR_SET_KEEPCAPS", "1"),
    sameThrice("setresgid", gid),
    sameThrice("setresuid", uid),
    call("prctl", "PR_SET_KEEPCAPS", "0"),
  ],
  umask: ({ mask }) => [call("umask", `0${Number(mask).toString(8).padStart(2, "0")}`)],
  cwd: ({ path }) => [{ anyOf: [call("mkdirat"), call("write", /^\{"undo":"rootfs\.remove"/)] }, call("chdir", path)],
  "cwd.make": ({ path }) => makingTarget(path),
  "env.home": () => NOTHING,
  "fds.inherit": ({ count }) => [call("close_range", String(3 + Number(count)), "CLOSE_RANGE_CLOEXEC")],
  "exec.find": () => [call("capset"), call("capset")],
  "exec.read_ahead": () => NOTHING,
  "seccomp.load": ({ program, listener }) => [
    { call: "seccomp", args: ["SECCOMP_SET_MODE_FILTER"], fields: { len: String(program.length / 16) } },
    ...(Number(listener) === 0 ? [] : [call("sendmsg")]),
  ],
  exec: ({ args }) => [call("write", "E"), call("execve", JSON.stringify(args))],
} as const satisfies Partial<CallTable<OpName>>;

function sameThrice(name: string, id: number | bigint): CallPattern {
  return call(name, String(id), String(id), String(id));
}

/** In the order of their bits, as the interpreter goes through them. */
function namesOf(set: bigint): readonly string[] {
  const known = Object.entries(CAPABILITIES).sort(([, a], [, b]) => a - b);
  return known.filter(([, bit]) => (set >> BigInt(bit)) & 1n).map(([name]) => name);
}

function setText(set: number | bigint): string {
  const names = namesOf(BigInt(set));
  return names.length === 0 ? "0" : names.map((name) => `1<<${name}`).join("|");
}
