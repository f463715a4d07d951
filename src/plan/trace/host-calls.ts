import type { Op, OpName } from "../op-table.ts";
import {
  type CallPattern,
  CLONE_FLAGS,
  call,
  cloneFlags,
  type Expected,
  escapeRegExp,
  flagText,
  journalling,
  limitName,
  limitText,
  replacing,
  running,
  slotName,
  writing,
} from "./patterns.ts";

export type CallTable<Names extends OpName> = {
  readonly [N in Names]: (op: Extract<Op, { readonly op: N }>) => readonly Expected[];
};

const NOTHING: readonly Expected[] = [];
const PROC_PID = "^/proc/[0-9]+/";

/** The runtime's side: control groups, the processes and what is done to them from outside. Source: native/. */
export const HOST_CALLS = {
  "journal.open": ({ path }) => [{ call: "openat", args: [path, "O_WRONLY|O_APPEND|O_CLOEXEC"], gives: "journal" }],
  // One that is there already is left alone.
  "cgroup.mkdir": ({ path, undo }) => [{ maybe: [journalling(`${undo}\n`), call("mkdirat", path)] }],
  "cgroup.inherit": ({ path, file }) => [{ maybe: writing(`${path}/${file}`, /./) }],
  "cgroup.write": cgroupWrite,
  "cgroup.raise": ({ path, value }) => writing(path, value),
  "cgroup.usage_check": () => NOTHING,
  "cgroup.chown": ({ path, uid }) => [call("fchownat", path, String(uid))],
  "cgroup.open": ({ slot, path }) => [{ call: "openat", args: [path], gives: slotName(slot) }],
  "cgroup.join": ({ slot }) => [call("write", { fd: slotName(slot) }, "0")],
  "scope.start": ({ undo }) => [...running(), journalling(`${undo}\n`)],
  "scope.set": () => running(),
  "scope.attach": () => running(),
  "scope.stop": () => running(),
  // At once where the kernel can, and one by one.
  "cgroup.kill": ({ path }) => [{ maybe: writing(`${path}/cgroup.kill`, "1") }, { anyOf: [call("kill", "SIGKILL")] }],
  "cgroup.release": ({ path }) => [{ maybe: [call("unlinkat", path, "AT_REMOVEDIR")] }],
  "cgroup.rmdir": ({ path }) => [{ maybe: [call("unlinkat", path, "AT_REMOVEDIR")] }],
  "cgroup.device_program": () => [call("bpf", "BPF_PROG_LOAD"), call("bpf", "BPF_PROG_ATTACH")],
  "child.clone": ({ flags, stage, cgroup }) => {
    const others = Number(cgroup) === 0 ? ["CLONE_PIDFD"] : ["CLONE_PIDFD", "CLONE_INTO_CGROUP"];
    const clone: CallPattern = { call: "clone3", fields: { flags: cloneFlags(flags, ...others) } };
    return stage === "init" ? [clone, JOURNAL_KILL] : [clone];
  },
  "child.adopt": () => [JOURNAL_KILL],
  "child.wait_exec": () => NOTHING,
  // The terminal's bytes and modes, and the signals that are passed on.
  "child.wait_exit": () => [{ anyOf: [call("ioctl"), call("write"), call("pidfd_send_signal")] }],
  "criu.run": ({ program, slots }) => [
    ...slots.map((slot) => call("dup3", { fd: slotName(BigInt(slot)) })),
    call("execve", program),
  ],
  // The file with the pid has done its duty.
  "criu.adopt": ({ pidFile }) => [call("unlinkat", pidFile), JOURNAL_KILL],
  "lock.take": () => NOTHING,
  "idmap.write": ({ uidMap, gidMap, denySetgroups }) => [
    ...(Number(denySetgroups) === 0 ? [] : writing(new RegExp(`${PROC_PID}setgroups$`), "deny")),
    ...writing(new RegExp(`${PROC_PID}gid_map$`), gidMap),
    ...writing(new RegExp(`${PROC_PID}uid_map$`), uidMap),
  ],
  "idmap.helper": () => running(),
  // Asked for first, and raised where it is lower.
  "rlimit.allow": ({ resource, hard }) => [
    call("prlimit64", limitName(resource), "NULL"),
    { maybe: [{ call: "prlimit64", args: [limitName(resource)], fields: { rlim_max: limitText(hard) } }] },
  ],
  "oom.score_adj": ({ value }) => writing(/^\/proc\/([0-9]+|self)\/oom_score_adj$/, value),
  "hook.run": ({ stateBeforePid, stateAfterPid }) => [
    { call: "memfd_create", args: ["state"], gives: "state" },
    ...[stateBeforePid, /^[0-9]+$/, stateAfterPid].map((text) => call("write", { fd: "state" }, text)),
    ...running(),
  ],
  "sync.post": ({ barrier }) => [call("write", `B${barrier}`)],
  "sync.wait": () => NOTHING,
  "start.listen": ({ path, slot }) => [
    { call: "socket", args: ["AF_UNIX"], gives: slotName(slot) },
    { call: "bind", args: [{ fd: slotName(slot) }], fields: { sun_path: path } },
    call("listen", { fd: slotName(slot) }),
  ],
  "notify.mkdir": ({ path, undo }) => [journalling(`${undo}\n`), call("mkdirat", path)],
  "notify.listen": ({ path, undo, slot }) => [
    journalling(`${undo}\n`),
    { call: "socket", args: ["AF_UNIX"], gives: slotName(slot) },
    { call: "bind", args: [{ fd: slotName(slot) }], fields: { sun_path: path } },
  ],
  // In the foreground while the container runs, which need not be ready at all.
  "notify.forward": ({ manager }) => [
    { maybe: [{ call: "connect", fields: { sun_path: manager } }, { anyOf: [call("write"), call("sendmsg")] }] },
  ],
  "notify.remove": ({ directory }) => [call("unlinkat"), call("unlinkat", directory, "AT_REMOVEDIR")],
  "start.wait": ({ slot }) => [call("accept4", { fd: slotName(slot) })],
  "state.write": ({ path, beforePid }) => replacing(path, new RegExp(`^${escapeRegExp(beforePid)}[0-9]+`), true),
  "state.remove": ({ directory, files }) => [
    { anyOf: files.map((file) => call("unlinkat", file)) },
    call("unlinkat", directory, "AT_REMOVEDIR"),
  ],
  "pidfile.write": ({ path, undo }) => [
    ...(undo === "" ? [] : [journalling(`${undo}\n`)]),
    ...replacing(path, /^[0-9]+$/),
  ],
  "pidfd.send": ({ path }) => [{ call: "connect", fields: { sun_path: path } }, call("sendmsg")],
  // Asked and told over netlink, here and in the container's namespace.
  "net.device": () => {
    const netlink = { anyOf: [call("sendto")] };
    return [netlink, call("setns", "CLONE_NEWNET"), netlink, call("setns", "CLONE_NEWNET")];
  },
  "slot.close": () => NOTHING,
  "ns.open": ({ slot, path }) => [{ call: "openat", args: [path], gives: slotName(slot) }],
  "ns.join": ({ slot, flag }) => [call("setns", { fd: slotName(slot) }, flagText(flag, CLONE_FLAGS))],
  "process.open": ({ slot, pid }) => [{ call: "pidfd_open", args: [String(pid)], gives: slotName(slot) }],
  "dumpable.clear": () => [call("prctl", "PR_SET_DUMPABLE", "SUID_DUMP_DISABLE")],
  "ns.join_process": ({ slot, flags }) => [call("setns", { fd: slotName(slot) }, flagText(flags, CLONE_FLAGS))],
  "ns.unshare": ({ flags }) => [call("unshare", flagText(flags, CLONE_FLAGS))],
  "ns.become_root": () => [call("setresgid", "0", "0", "0"), call("setresuid", "0", "0", "0")],
  "time.offsets": ({ text }) => writing("/proc/self/timens_offsets", text),
  "init.clone": ({ flags }) => [
    { call: "clone3", fields: { flags: cloneFlags(flags, "CLONE_PARENT") } },
    call("write", /^P[0-9]+\0$/),
  ],
  "console.connect": ({ path, slot }) => [
    { call: "socket", args: ["AF_UNIX"], gives: slotName(slot) },
    { call: "connect", args: [{ fd: slotName(slot) }], fields: { sun_path: path } },
  ],
  "console.receive": () => [{ anyOf: [call("ioctl")] }],
  "seccomp.send": ({ path }) => [{ call: "connect", fields: { sun_path: path } }, call("sendmsg")],
} as const satisfies Partial<CallTable<OpName>>;

/** `when` decides whether it is written at all, and `orElse` stands in for a file that the kernel does not have. */
function cgroupWrite(op: Extract<Op, { readonly op: "cgroup.write" }>): readonly Expected[] {
  const write = writing(op.path, op.value);
  if (op.orElse !== "") return [{ maybe: write }, { maybe: writing(op.orElse, op.orElseValue) }];
  if (op.when === "always") return write;
  // Opened, and refused by the kernel.
  return [{ maybe: write }, ...(op.when === "possible" ? [{ maybe: write.slice(0, 1) }] : [])];
}

const JOURNAL_KILL = journalling(/^\{"undo":"kill","pid":[0-9]+,"startTime":[0-9]+\}\n$/);
