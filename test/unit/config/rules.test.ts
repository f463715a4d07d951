import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { checkConfig } from "../../../src/config/validate-config.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

type Json = Readonly<Record<string, unknown>>;

/** A config that breaks no rule; the cases replace its members. */
const SOUND = {
  ociVersion: "1.3.0",
  root: { path: "rootfs" },
  process: { cwd: "/", args: ["sh"], user: { uid: 0, gid: 0 } },
  linux: { namespaces: [{ type: "mount" }] },
};

const withProcess = (members: Json): Json => ({ ...SOUND, process: { ...SOUND.process, ...members } });
const withLinux = (members: Json): Json => ({ ...SOUND, linux: { ...SOUND.linux, ...members } });
const withResources = (resources: Json): Json => withLinux({ resources });
const withMount = (mount: Json): Json => ({ ...SOUND, mounts: [{ destination: "/m", type: "tmpfs", ...mount }] });
const withMappings = (uidMappings: readonly Json[]): Json =>
  withLinux({ namespaces: [{ type: "user" }], uidMappings, gidMappings: [mapping(0, 0, 1)] });
const withSyscall = (entry: Json): Json =>
  withLinux({ seccomp: { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["read"], ...entry }] } });
const mapping = (containerID: number, hostID: number, size: number): Json => ({ containerID, hostID, size });
const USER = { namespaces: [{ type: "user" }, { type: "mount" }], gidMappings: [mapping(0, 0, 10)] };
const NET = [{ type: "network" }];

/** What breaks one rule: its code, the place, the config. */
const BROKEN: readonly (readonly [code: string, pointer: string, config: Json])[] = [
  ["OCI_VERSION_FORMAT", "/ociVersion", { ...SOUND, ociVersion: "abc" }],
  ["OCI_VERSION_FORMAT", "/ociVersion", { ...SOUND, ociVersion: "1.0" }],
  ["OCI_VERSION_FORMAT", "/ociVersion", { ...SOUND, ociVersion: "1.0.0-01" }],
  ["OCI_VERSION_UNSUPPORTED", "/ociVersion", { ...SOUND, ociVersion: "2.0.0" }],
  ["OCI_VERSION_UNSUPPORTED", "/ociVersion", { ...SOUND, ociVersion: "0.5.0-dev" }],
  ["OCI_VERSION_NEWER", "/ociVersion", { ...SOUND, ociVersion: "1.4.0" }],
  ["ROOT_MISSING", "/root", { ociVersion: "1.0.0" }],
  ["ROOT_PATH_EMPTY", "/root/path", { ...SOUND, root: { path: "" } }],
  ["CWD_RELATIVE", "/process/cwd", withProcess({ cwd: "tmp" })],
  ["CWD_RELATIVE", "/process/cwd", withProcess({ cwd: "" })],
  ["ARGS_EMPTY", "/process/args", withProcess({ args: [] })],
  ["ARGS_PROGRAM_EMPTY", "/process/args/0", withProcess({ args: ["", "x"] })],
  ["ENV_FORMAT", "/process/env/1", withProcess({ env: ["A=", "B"] })],
  ["ENV_FORMAT", "/process/env/0", withProcess({ env: ["=x"] })],
  ["CONSOLE_SIZE_UNUSED", "/process/consoleSize", withProcess({ consoleSize: { height: 1, width: 1 } })],
  [
    "CONSOLE_SIZE_RANGE",
    "/process/consoleSize/width",
    withProcess({ terminal: true, consoleSize: { height: 65535, width: 65536 } }),
  ],
  ["OOM_SCORE_ADJ_RANGE", "/process/oomScoreAdj", withProcess({ oomScoreAdj: -1001 })],
  ["USER_INCOMPLETE", "/process/user/uid", withProcess({ user: { gid: 0 } })],
  ["UMASK_RANGE", "/process/user/umask", withProcess({ user: { uid: 0, gid: 0, umask: 512 } })],
  ["ID_RESERVED", "/process/user/gid", withProcess({ user: { uid: 0, gid: 4294967295 } })],
  ["ID_NOT_MAPPED", "/process/user/uid", withLinux({ ...USER, uidMappings: [mapping(1, 100, 9)] })],
  [
    "ID_NOT_MAPPED",
    "/process/user/additionalGids/1",
    {
      ...withLinux({ ...USER, uidMappings: [mapping(0, 0, 1)] }),
      process: { ...SOUND.process, user: { uid: 0, gid: 0, additionalGids: [9, 10] } },
    },
  ],
  [
    "RLIMIT_UNKNOWN",
    "/process/rlimits/0/type",
    withProcess({ rlimits: [{ type: "RLIMIT_NOFILES", soft: 1, hard: 1 }] }),
  ],
  [
    "RLIMIT_DUPLICATE",
    "/process/rlimits/2/type",
    withProcess({
      rlimits: ["RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_CORE"].map((type) => ({ type, soft: 0, hard: 0 })),
    }),
  ],
  [
    "RLIMIT_SOFT_ABOVE_HARD",
    "/process/rlimits/0/soft",
    withProcess({ rlimits: [{ type: "RLIMIT_CPU", soft: 2n ** 64n - 1n, hard: 1 }] }),
  ],
  [
    "CAPABILITY_UNKNOWN",
    "/process/capabilities/bounding/0",
    withProcess({ capabilities: { bounding: ["CAP_CHWON"] } }),
  ],
  ["CAPABILITY_OUTSIDE", "/process/capabilities/effective", withProcess({ capabilities: { effective: ["CAP_KILL"] } })],
  [
    "CAPABILITY_OUTSIDE",
    "/process/capabilities/ambient",
    withProcess({ capabilities: { permitted: ["CAP_KILL"], ambient: ["CAP_KILL"] } }),
  ],
  ["SCHEDULER_NICE", "/process/scheduler/nice", withProcess({ scheduler: { policy: "SCHED_OTHER", nice: 20 } })],
  ["SCHEDULER_PRIORITY", "/process/scheduler/priority", withProcess({ scheduler: { policy: "SCHED_FIFO" } })],
  [
    "SCHEDULER_PRIORITY",
    "/process/scheduler/priority",
    withProcess({ scheduler: { policy: "SCHED_RR", priority: 100 } }),
  ],
  [
    "SCHEDULER_PRIORITY",
    "/process/scheduler/priority",
    withProcess({ scheduler: { policy: "SCHED_IDLE", priority: 1 } }),
  ],
  [
    "SCHEDULER_DEADLINE_UNUSED",
    "/process/scheduler/period",
    withProcess({ scheduler: { policy: "SCHED_RR", priority: 1, period: 5 } }),
  ],
  ["SCHEDULER_DEADLINE", "/process/scheduler", withProcess({ scheduler: { policy: "SCHED_DEADLINE" } })],
  [
    "SCHEDULER_DEADLINE",
    "/process/scheduler",
    withProcess({ scheduler: { policy: "SCHED_DEADLINE", runtime: 3000, deadline: 2000, period: 9000 } }),
  ],
  ["IO_PRIORITY_MISSING", "/process/ioPriority/priority", withProcess({ ioPriority: { class: "IOPRIO_CLASS_BE" } })],
  [
    "IO_PRIORITY_RANGE",
    "/process/ioPriority/priority",
    withProcess({ ioPriority: { class: "IOPRIO_CLASS_BE", priority: 8 } }),
  ],
  ["ID_LIST_FORMAT", "/process/execCPUAffinity/initial", withProcess({ execCPUAffinity: { initial: "3-1" } })],
  ["ID_LIST_FORMAT", "/process/execCPUAffinity/final", withProcess({ execCPUAffinity: { final: "1 2" } })],
  ["ID_LIST_FORMAT", "/linux/resources/cpu/cpus", withResources({ cpu: { cpus: "0-" } })],
  ["ID_LIST_FORMAT", "/linux/resources/cpu/mems", withResources({ cpu: { mems: "all" } })],
  ["UTS_NAMESPACE", "/hostname", { ...SOUND, hostname: "h" }],
  ["UTS_NAMESPACE", "/domainname", { ...SOUND, domainname: "d" }],
  ["UTS_NAME_LENGTH", "/hostname", { ...withLinux({ namespaces: [{ type: "uts" }] }), hostname: "ä".repeat(33) }],
  ["HOOK_PATH_RELATIVE", "/hooks/poststop/0/path", { ...SOUND, hooks: { poststop: [{ path: "bin/true" }] } }],
  ["ANNOTATION_KEY_EMPTY", "/annotations/", { ...SOUND, annotations: { "": "x" } }],
  ["NAMESPACE_PATH_RELATIVE", "/linux/namespaces/0/path", withLinux({ namespaces: [{ type: "pid", path: "ns" }] })],
  [
    "NAMESPACE_DUPLICATE",
    "/linux/namespaces/1/type",
    withLinux({ namespaces: [{ type: "pid" }, { type: "pid", path: "/x" }] }),
  ],
  ["TIME_OFFSETS_NAMESPACE", "/linux/timeOffsets", withLinux({ timeOffsets: { boottime: { secs: 1 } } })],
  [
    "TIME_OFFSETS_NAMESPACE",
    "/linux/timeOffsets",
    withLinux({ namespaces: [{ type: "time", path: "/t" }], timeOffsets: {} }),
  ],
  [
    "TIME_OFFSET_RANGE",
    "/linux/timeOffsets/monotonic/nanosecs",
    withLinux({ namespaces: [{ type: "time" }], timeOffsets: { monotonic: { nanosecs: 1_000_000_000 } } }),
  ],
  ["ID_MAPPINGS_NAMESPACE", "/linux/uidMappings", withLinux({ uidMappings: [mapping(0, 1, 1)] })],
  ["ID_MAPPINGS_MISSING", "/linux/uidMappings", withLinux(USER)],
  [
    "ID_MAPPINGS_LENGTH",
    "/linux/uidMappings",
    withMappings(Array.from({ length: 341 }, (_, id) => mapping(id, id, 1))),
  ],
  ["ID_MAPPING_EMPTY", "/linux/uidMappings/1", withMappings([mapping(0, 0, 1), mapping(9, 9, 0)])],
  ["ID_MAPPING_RANGE", "/linux/uidMappings/0", withMappings([mapping(0, 1, 4294967295)])],
  ["ID_MAPPING_OVERLAP", "/linux/uidMappings/1", withMappings([mapping(5, 5, 9), mapping(0, 100, 6)])],
  ["ID_MAPPING_OVERLAP", "/linux/uidMappings/1", withMappings([mapping(0, 0, 9), mapping(20, 8, 1)])],
  ["MOUNT_NAMESPACE_MISSING", "/mounts", { ...withMount({}), linux: {} }],
  ["MOUNT_NAMESPACE_MISSING", "/root/readonly", { ...SOUND, root: { path: "rootfs", readonly: true }, linux: {} }],
  ["MOUNT_NAMESPACE_MISSING", "/linux/rootfsPropagation", withLinux({ namespaces: NET, rootfsPropagation: "slave" })],
  ["MOUNT_DESTINATION_EMPTY", "/mounts/0/destination", withMount({ destination: "" })],
  ["MOUNT_DESTINATION_RELATIVE", "/mounts/0/destination", withMount({ destination: "m" })],
  ["MOUNT_SOURCE_MISSING", "/mounts/0/source", withMount({ options: ["rbind"] })],
  ["MOUNT_SOURCE_MISSING", "/mounts/0/source", withMount({ type: "bind" })],
  ["MOUNT_TYPE_MISSING", "/mounts/0/type", withMount({ type: "", source: "/x" })],
  ["MOUNT_TMPCOPYUP", "/mounts/0/options", withMount({ type: "proc", options: ["tmpcopyup"] })],
  ["MOUNT_BIND_DATA", "/mounts/0/options", withMount({ source: "/x", options: ["bind", "mode=755"] })],
  [
    "MOUNT_ID_MAPPINGS_PAIR",
    "/mounts/0/gidMappings",
    withMount({ options: ["idmap"], uidMappings: [mapping(0, 0, 1)] }),
  ],
  ["MOUNT_IDMAP_OPTION", "/mounts/0", withMount({ uidMappings: [mapping(0, 0, 1)], gidMappings: [mapping(0, 0, 1)] })],
  ["MOUNT_IDMAP_MAPPINGS", "/mounts/0/options", withMount({ options: ["ridmap"] })],
  ["MOUNT_OPTION_SPELLING", "/mounts/0/options/1", withMount({ options: ["size=1m", "nosiud"] })],
  ["DEVICE_PATH_RELATIVE", "/linux/devices/0/path", withLinux({ devices: [{ type: "p", path: "dev/x" }] })],
  ["DEVICE_NUMBER_MISSING", "/linux/devices/0/minor", withLinux({ devices: [{ type: "c", path: "/x", major: 1 }] })],
  [
    "DEVICE_NUMBER_RANGE",
    "/linux/devices/0/major",
    withLinux({ devices: [{ type: "b", path: "/x", major: 4096, minor: 0 }] }),
  ],
  [
    "DEVICE_PATH_DUPLICATE",
    "/linux/devices/1/path",
    withLinux({
      devices: [
        { type: "c", path: "/x", major: 1, minor: 3 },
        { type: "c", path: "/x", major: 1, minor: 5 },
      ],
    }),
  ],
  ["NET_DEVICES_NAMESPACE", "/linux/netDevices", withLinux({ netDevices: { eth0: {} } })],
  ["NET_DEVICE_NAME", "/linux/netDevices/a:b", withLinux({ namespaces: NET, netDevices: { "a:b": {} } })],
  ["NET_DEVICE_NAME", "/linux/netDevices/e/name", withLinux({ namespaces: NET, netDevices: { e: { name: "%d%d" } } })],
  ["NET_DEVICE_LOOPBACK", "/linux/netDevices/lo", withLinux({ namespaces: NET, netDevices: { lo: {} } })],
  [
    "NET_DEVICE_DUPLICATE",
    "/linux/netDevices/b",
    withLinux({ namespaces: NET, netDevices: { a: { name: "eth0" }, b: { name: "eth0" } } }),
  ],
  ["DEVICE_RULE_TYPE", "/linux/resources/devices/0/type", withResources({ devices: [{ allow: true, type: "x" }] })],
  [
    "DEVICE_RULE_ACCESS",
    "/linux/resources/devices/0/access",
    withResources({ devices: [{ allow: true, access: "rx" }] }),
  ],
  ["DEVICE_RULE_NUMBER", "/linux/resources/devices/0/major", withResources({ devices: [{ allow: true, major: -2 }] })],
  ["MEMORY_LIMIT", "/linux/resources/memory/reservation", withResources({ memory: { reservation: -2 } })],
  ["MEMORY_SWAP_WITHOUT_LIMIT", "/linux/resources/memory/swap", withResources({ memory: { limit: -1, swap: 1 } })],
  ["MEMORY_SWAP_BELOW_LIMIT", "/linux/resources/memory/swap", withResources({ memory: { limit: 2, swap: 1 } })],
  ["MEMORY_SWAPPINESS", "/linux/resources/memory/swappiness", withResources({ memory: { swappiness: 101 } })],
  ["CPU_BURST", "/linux/resources/cpu/burst", withResources({ cpu: { quota: 1, burst: 2 } })],
  ["CPU_PERIOD", "/linux/resources/cpu/period", withResources({ cpu: { period: 999 } })],
  [
    "CPU_REALTIME",
    "/linux/resources/cpu/realtimeRuntime",
    withResources({ cpu: { realtimeRuntime: 9, realtimePeriod: 8 } }),
  ],
  ["CPU_IDLE", "/linux/resources/cpu/idle", withResources({ cpu: { idle: 2 } })],
  ["BLOCK_IO_WEIGHT", "/linux/resources/blockIO/leafWeight", withResources({ blockIO: { leafWeight: 9 } })],
  [
    "BLOCK_IO_WEIGHT_MISSING",
    "/linux/resources/blockIO/weightDevice/0",
    withResources({ blockIO: { weightDevice: [{ major: 8, minor: 0 }] } }),
  ],
  [
    "BLOCK_IO_RATE_MISSING",
    "/linux/resources/blockIO/throttleReadBpsDevice/0/rate",
    withResources({ blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0 }] } }),
  ],
  [
    "BLOCK_IO_DEVICE",
    "/linux/resources/blockIO/throttleWriteIOPSDevice/0/minor",
    withResources({ blockIO: { throttleWriteIOPSDevice: [{ major: 8, minor: -1, rate: 1 }] } }),
  ],
  ["PIDS_LIMIT", "/linux/resources/pids/limit", withResources({ pids: { limit: -2 } })],
  [
    "HUGEPAGE_SIZE",
    "/linux/resources/hugepageLimits/0/pageSize",
    withResources({ hugepageLimits: [{ pageSize: "3MB", limit: 0 }] }),
  ],
  [
    "HUGEPAGE_SIZE",
    "/linux/resources/hugepageLimits/0/pageSize",
    withResources({ hugepageLimits: [{ pageSize: "2048KB", limit: 0 }] }),
  ],
  [
    "HUGEPAGE_DUPLICATE",
    "/linux/resources/hugepageLimits/1/pageSize",
    withResources({ hugepageLimits: [0, 1].map((limit) => ({ pageSize: "2MB", limit })) }),
  ],
  [
    "NETWORK_INTERFACE",
    "/linux/resources/network/priorities/0/name",
    withResources({ network: { priorities: [{ name: "a name of many", priority: 1 }] } }),
  ],
  ["RDMA_EMPTY", "/linux/resources/rdma/mlx5_1", withResources({ rdma: { mlx5_1: {} } })],
  [
    "CGROUP_UNIFIED_NAME",
    "/linux/resources/unified/..~1memory.max",
    withResources({ unified: { "../memory.max": "1" } }),
  ],
  ["RDT_CLOS_ID", "/linux/intelRdt/closID", withLinux({ intelRdt: { closID: "a/b" } })],
  ["RDT_L3_SCHEMA", "/linux/intelRdt/l3CacheSchema", withLinux({ intelRdt: { l3CacheSchema: "0=f" } })],
  ["RDT_SCHEMATA", "/linux/intelRdt/schemata/0", withLinux({ intelRdt: { schemata: ["L3:0=f\nMB:0=9"] } })],
  ["MEMORY_POLICY_MODE", "/linux/memoryPolicy/mode", withLinux({ memoryPolicy: { nodes: "0" } })],
  ["MEMORY_POLICY_NODES", "/linux/memoryPolicy/nodes", withLinux({ memoryPolicy: { mode: "MPOL_LOCAL", nodes: "0" } })],
  ["MEMORY_POLICY_NODES", "/linux/memoryPolicy/nodes", withLinux({ memoryPolicy: { mode: "MPOL_BIND", nodes: "" } })],
  [
    "MEMORY_POLICY_NODES",
    "/linux/memoryPolicy/nodes",
    withLinux({ memoryPolicy: { mode: "MPOL_PREFERRED", flags: ["MPOL_F_STATIC_NODES"] } }),
  ],
  [
    "MEMORY_POLICY_FLAGS",
    "/linux/memoryPolicy/flags",
    withLinux({ memoryPolicy: { mode: "MPOL_INTERLEAVE", nodes: "0", flags: ["MPOL_F_NUMA_BALANCING"] } }),
  ],
  [
    "MEMORY_POLICY_FLAGS",
    "/linux/memoryPolicy/flags",
    withLinux({
      memoryPolicy: { mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"] },
    }),
  ],
  ["SYSCTL_NAME", "/linux/sysctl/net~1..~1kernel~1pid_max", withLinux({ sysctl: { "net/../kernel/pid_max": "1" } })],
  ["SYSCTL_NAME", "/linux/sysctl/net.", withLinux({ namespaces: NET, sysctl: { "net.": "1" } })],
  ["SYSCTL_NAME", "/linux/sysctl/net.~1~1.kernel.pid_max", withLinux({ sysctl: { "net.//.kernel.pid_max": "1" } })],
  ["SYSCTL_HOST", "/linux/sysctl/kernel.pid_max", withLinux({ sysctl: { "kernel.pid_max": "1" } })],
  ["SYSCTL_NAMESPACE", "/linux/sysctl/kernel.shmmax", withLinux({ sysctl: { "kernel.shmmax": "1" } })],
  ["SYSCTL_NAMESPACE", "/linux/sysctl/net~1core~1somaxconn", withLinux({ sysctl: { "net/core/somaxconn": "1" } })],
  [
    "SYSCTL_CONFLICT",
    "/linux/sysctl/kernel.hostname",
    { ...withLinux({ namespaces: [{ type: "uts" }], sysctl: { "kernel.hostname": "a" } }), hostname: "b" },
  ],
  [
    "SECCOMP_METADATA",
    "/linux/seccomp/listenerMetadata",
    withLinux({ seccomp: { defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "m" } }),
  ],
  [
    "SECCOMP_NOTIFY_DEFAULT",
    "/linux/seccomp/defaultAction",
    withLinux({ seccomp: { defaultAction: "SCMP_ACT_NOTIFY", listenerPath: "/s" } }),
  ],
  ["SECCOMP_NOTIFY_LISTENER", "/linux/seccomp/syscalls/0/action", withSyscall({ action: "SCMP_ACT_NOTIFY" })],
  [
    "SECCOMP_NOTIFY_CALL",
    "/linux/seccomp/syscalls/0/names/1",
    withSyscall({ action: "SCMP_ACT_NOTIFY", names: ["mkdir", "write"] }),
  ],
  ["SECCOMP_ERRNO", "/linux/seccomp/syscalls/0/errnoRet", withSyscall({ action: "SCMP_ACT_ALLOW", errnoRet: 1 })],
  [
    "SECCOMP_ERRNO",
    "/linux/seccomp/defaultErrnoRet",
    withLinux({ seccomp: { defaultAction: "SCMP_ACT_KILL", defaultErrnoRet: 1 } }),
  ],
  [
    "SECCOMP_ARGUMENT",
    "/linux/seccomp/syscalls/0/args/0/index",
    withSyscall({ action: "SCMP_ACT_ERRNO", args: [{ index: 6, value: 1, op: "SCMP_CMP_EQ" }] }),
  ],
  ["MASKED_PATH_RELATIVE", "/linux/maskedPaths/0", withLinux({ maskedPaths: ["proc/kcore"] })],
  ["READONLY_PATH_RELATIVE", "/linux/readonlyPaths/0", withLinux({ readonlyPaths: [""] })],
  ["PATHS_MOUNT_NAMESPACE", "/linux/maskedPaths", withLinux({ namespaces: [], maskedPaths: ["/proc/kcore"] })],
  ["PERSONALITY_DOMAIN", "/linux/personality/domain", withLinux({ personality: {} })],
  ["PERSONALITY_FLAGS", "/linux/personality/flags", withLinux({ personality: { domain: "LINUX", flags: ["X"] } })],
];

/** What looks as if it broke a rule and does not. */
const KEPT: readonly (readonly [what: string, config: unknown])[] = [
  ["an idle I/O priority without a number", withProcess({ ioPriority: { class: "IOPRIO_CLASS_IDLE" } })],
  [
    "every property at once",
    parseConfig(readFileSync(`${PROJECT_ROOT}/test/fixtures/configs/every-property.json`, "utf8")),
  ],
  ["no process", { ociVersion: "1.0.2-dev", root: { path: "/rootfs" } }],
  ["a hostname in a joined namespace", { ...withLinux({ namespaces: [{ type: "uts", path: "/ns" }] }), hostname: "h" }],
  ["an empty hostname", { ...SOUND, hostname: "" }],
  ["ids of a joined user namespace", withLinux({ namespaces: [{ type: "user", path: "/ns" }] })],
  [
    "limits that are off",
    withResources({ memory: { limit: -1, swap: -1 }, pids: { limit: -1 }, cpu: { quota: -1, burst: 5 } }),
  ],
  ["what Go makes of a swappiness of -1", withResources({ memory: { swappiness: 2n ** 64n - 1n } })],
  ["device rules for all", withResources({ devices: [{ allow: false, type: "a", major: -1, minor: -1, access: "" }] })],
  [
    "the same device twice",
    withLinux({ devices: ["c", "u"].map((type) => ({ type, path: "/x", major: 1, minor: 3 })) }),
  ],
  [
    "a network device whose number the kernel chooses",
    withLinux({ namespaces: NET, netDevices: { a: { name: "e%d" }, b: { name: "e%d" } } }),
  ],
  [
    "sysctls of own namespaces",
    withLinux({
      namespaces: [{ type: "ipc" }, ...NET],
      sysctl: { "fs.mqueue.msg_max": "1", "net/ipv4/conf/a.b/forwarding": "1" },
    }),
  ],
  [
    "the hostname twice and the same",
    { ...withLinux({ namespaces: [{ type: "uts" }], sysctl: { "kernel.hostname": "a" } }), hostname: "a" },
  ],
  ["an errno of TRACE", withSyscall({ action: "SCMP_ACT_TRACE", errnoRet: 9 })],
  ["the root class of service", withLinux({ intelRdt: { closID: "/" } })],
  ["the preferred node of the kernel", withLinux({ memoryPolicy: { mode: "MPOL_PREFERRED" } })],
  ["options of filesystems", withMount({ options: ["newinstance", "userxattr", "acl", "size=1m", "rw"] })],
  [
    "an id mapped mount of a user namespace",
    {
      ...withLinux({ ...USER, uidMappings: [mapping(0, 0, 1)] }),
      mounts: [{ destination: "/m", source: "/x", options: ["bind", "idmap"] }],
    },
  ],
  ["blank CPU lists", withProcess({ execCPUAffinity: { initial: "", final: " 0 - 3 ,7," } })],
  [
    "a deadline without period",
    withProcess({ scheduler: { policy: "SCHED_DEADLINE", runtime: 1024, deadline: 1024 } }),
  ],
];

describe("the rules of config.json", () => {
  for (const [code, pointer, config] of BROKEN) {
    it(`report ${code} at ${pointer}`, () => {
      const { errors, warnings } = checkConfig(config);
      const found = [...errors, ...warnings].filter((problem) => problem.code === code);
      assert.deepEqual(
        found.map((problem) => problem.pointer),
        [pointer],
        JSON.stringify([...errors, ...warnings]),
      );
      for (const { message, spec } of found) {
        assert.ok(spec?.includes("#"), "names a section of the spec");
        assert.doesNotMatch(message, /\.$|^[A-Z]/, "goes on from the value, and ends without a period");
      }
    });
  }

  for (const [what, config] of KEPT) {
    it(`allow ${what}`, () => {
      const { errors, warnings } = checkConfig(config);
      assert.deepEqual([...errors, ...warnings], []);
    });
  }

  it("have a test for every code", () => {
    const directory = `${PROJECT_ROOT}/src/config/rules`;
    const source = readdirSync(directory)
      .map((file) => readFileSync(`${directory}/${file}`, "utf8"))
      .join("\n");
    const codes = new Set([...source.matchAll(/code: "([A-Z0-9_]+)"/g)].map(([, code]) => code));
    for (const [code] of BROKEN) codes.delete(code);
    assert.deepEqual([...codes], []);
  });
});
