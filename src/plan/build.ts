import { ConfigError, type Problem } from "../base/problem.ts";
import { processDirectoryOf } from "../cgroup/cgroup-files.ts";
import type { CgroupPlan } from "../cgroup/cgroup-plan.ts";
import { compileCgroup } from "../cgroup/compile-cgroup.ts";
import { withoutBatches } from "../cgroup/tight-memory.ts";
import { NAMESPACES } from "../linux/namespaces.ts";
import { PlanDraft } from "./draft.ts";
import { addBarrier } from "./handshake.ts";
import { addCgroupOwnership } from "./parts/cgroup-ownership.ts";
import { addCgroupJoins, addCgroupRaises, addCgroupRemoval, addCgroups, openJoins } from "./parts/cgroups.ts";
import { addBoundDevices, addDeviceLinks, addDevices, type BoundDevice, openDevices } from "./parts/devices.ts";
import { addEveryCpu } from "./parts/exec-affinity.ts";
import { addHooks, hasHooks } from "./parts/hooks.ts";
import { addIntelRdt, addRdtJoins, addRdtRemoval, type RdtJoin } from "./parts/intel-rdt.ts";
import { addNames, addSysctls } from "./parts/kernel.ts";
import { addLateJoins, addLateSettings, type SplitCgroup, splitCgroup } from "./parts/late-cpuset.ts";
import { checkMountLabel } from "./parts/lsm.ts";
import { addMounts, addReadonlyDev, type MountSources, openMountSources } from "./parts/mounts.ts";
import { addProcesses, hasOwn, isCreated, type NamespaceSet, namespaceSet } from "./parts/namespaces.ts";
import { addNetDevices } from "./parts/net-devices.ts";
import { addNotifyForward, addNotifyRemoval, addNotifySocket } from "./parts/notify-socket.ts";
import { addPreparation, type ProcessInput } from "./parts/prepare-process.ts";
import { addExec, addHardLimits, addOomScoreAdj, addReadAhead } from "./parts/process.ts";
import { addPathProtection, addPivot, addProtection, addRootfs, openRootfs } from "./parts/rootfs.ts";
import { isHostRoot, rootlessProblems } from "./parts/rootless.ts";
import { missingCgroup } from "./parts/rootless-cgroups.ts";
import { allowsSetgroups, setsGroups } from "./parts/rootless-groups.ts";
import { addScope, addScopeRemoval } from "./parts/scope.ts";
import { addSeccomp } from "./parts/seccomp.ts";
import { addConsole, connectConsole } from "./parts/terminal.ts";
import type { Linux, PlanInput, Process } from "./plan-input.ts";
import { SLOT_LOCK } from "./slots.ts";
import type { Plan } from "./step.ts";

/** A plan, and what was found while it was built. */
export interface BuiltPlan {
  readonly plan: Plan;
  readonly cgroup: CgroupPlan;
  readonly warnings: readonly Problem[];
}

/**
 * Compiles a checked config into the plan that creates a container or runs it. Pure: the same input gives the same
 * plan. Throws ConfigError with everything that this host or this program cannot do. Source: runtime.md#lifecycle.
 */
export function buildPlan(input: PlanInput): BuiltPlan {
  const linux: Linux = input.config.linux ?? {};
  const process = input.config.process;
  const set = namespaceSet(linux);
  const draft = new PlanDraft();
  const cgroup = cgroupOf(input, linux);
  draft.problems.push(
    ...cgroup.problems,
    ...missingCgroup(cgroup, input.rootless === false),
    ...rootlessProblems(input.config, set, input.host),
  );
  addCreation({ draft, input, linux, process, set, cgroup, split: splitCgroup(cgroup, input, set) });
  const errors = draft.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const warnings = draft.problems.filter(({ severity }) => severity === "warning");
    throw new ConfigError("Cannot use the config on this host: invalid configuration", [...errors, ...warnings]);
  }
  return {
    plan: { verb: input.verb, id: input.id, steps: draft.steps },
    cgroup,
    warnings: draft.problems,
  };
}

export function cgroupOf(input: PlanInput, linux: Linux): CgroupPlan {
  if (input.cgroup !== undefined) return input.cgroup;
  return compileCgroup({
    id: input.id,
    facts: input.host.cgroup,
    rootless: input.rootless ?? !isHostRoot(input.host),
    ...(linux.cgroupsPath !== undefined && { cgroupsPath: linux.cgroupsPath }),
    ...(linux.resources !== undefined && { resources: linux.resources }),
  });
}

interface Parts {
  readonly draft: PlanDraft;
  readonly input: PlanInput;
  readonly linux: Linux;
  readonly process: Process | undefined;
  readonly set: NamespaceSet;
  readonly cgroup: CgroupPlan;
  readonly split: SplitCgroup;
}

function addCreation(parts: Parts): void {
  const { draft, input } = parts;
  const journal = `${input.stateDirectory}/journal.jsonl`;
  draft.add("parent", { implied: "runtime.md#errors" }, { op: "journal.open", path: journal });
  const opened = addBeforeClone(parts);
  addProcesses(draft, parts.set, parts.linux, input.host, {
    cgroup: opened.cloneInto,
    whileCaller: (at) => {
      addScope(draft, parts.cgroup, at, () => addCgroupOwnership(draft, input, parts.set, parts.cgroup));
      if (!input.host.isPrivileged) addByOwnId(parts, opened, at);
    },
  });
  addNetDevices(draft, parts.linux);
  if (parts.process !== undefined) addHardLimits(draft, parts.process);
  if (input.host.isPrivileged) addByOwnId(parts, opened, "init");
  addEnvironment(parts, opened);
  if (parts.process !== undefined) {
    addLateSettings(draft, parts.split);
    addLimitBarrier(draft, parts.process, parts.split);
    addLateJoins(draft, parts.split, opened.lateSlots);
    addPreparation(draft, parts.process, preparationOf(parts));
  }
  addHandOver(parts, opened);
}

/** When the process has another user than the runtime, its limits can no longer be set from outside. */
function addLimitBarrier(draft: PlanDraft, { rlimits = [] }: Process, { late }: SplitCgroup): void {
  const from = rlimits.length > 0 ? ({ config: "/process/rlimits" } as const) : late.joins[0]?.from;
  if (from !== undefined) addBarrier(draft, "limits", "init", from);
}

/**
 * What the kernel allows to the owner of a process or to root only: an ordinary user's process has other ids as soon as
 * it has those of its user namespace.
 */
function addByOwnId({ draft, process, split }: Parts, opened: Opened, at: "intermediate" | "init"): void {
  if (process !== undefined) addOomScoreAdj(draft, "parent", process);
  if (opened.cloneInto !== 0) {
    draft.add(at, { config: "/linux/cgroupsPath" }, { op: "slot.close", slot: opened.cloneInto });
  }
  addCgroupJoins(draft, split.early, opened.cgroupSlots, at);
  if (split.late.joins.length === 0) addEveryCpu(draft, at);
}

function preparationOf({ input, set, linux }: Parts): ProcessInput {
  const allowed = allowsSetgroups(set, linux, input.host) ?? input.host.isPrivileged;
  return { ...input, hasUser: set.hasUser, setsGroups: setsGroups(input.config, allowed), makesWorkingDirectory: true };
}

/** What is opened on the runtime's side, for the container's processes to inherit. */
interface Opened {
  readonly cgroupSlots: readonly number[];
  readonly lateSlots: readonly number[];
  readonly rdtJoins: readonly RdtJoin[];
  readonly cloneInto: number;
  readonly mountSources: MountSources;
  readonly rootSlot: number;
  /** Absent where the init makes or opens them by itself. */
  readonly devices: readonly BoundDevice[] | undefined;
  readonly console: number;
  readonly listener: number;
  readonly notify: number;
}

function addBeforeClone({ draft, input, set, cgroup, split }: Parts): Opened {
  const console = connectConsole(draft, input);
  const notify = addNotifySocket(draft, input);
  const cgroupSlots = addCgroups(draft, withoutBatches(split.early));
  const lateSlots = openJoins(draft, split.late);
  if (cgroup.scope === undefined) addCgroupOwnership(draft, input, set, cgroup);
  const rdtJoins = addIntelRdt(draft, input);
  const cloneInto = openCloneInto(draft, cgroup);
  // A user namespace of the container's cannot reach what belongs to the host: its files are opened outside.
  const outside = set.hasUser && input.host.isPrivileged;
  const rootSlot = outside && hasOwn(set, "mount") ? openRootfs(draft, input) : 0;
  const mountSources = openMountSources(draft, input, outside);
  const devices = outside && hasOwn(set, "mount") ? openDevices(draft, input, "parent") : undefined;
  const listener = addListener(draft, input);
  addReadAhead(draft, input);
  return { cgroupSlots, lateSlots, rdtJoins, cloneInto, mountSources, rootSlot, devices, console, listener, notify };
}

export function openCloneInto(draft: PlanDraft, { cloneInto }: CgroupPlan): number {
  if (cloneInto === undefined) return 0;
  const slot = draft.newSlot();
  draft.add("parent", { config: "/linux/cgroupsPath" }, { op: "cgroup.open", slot, path: cloneInto });
  return slot;
}

/** A created container waits for `start` on a socket; one that runs at once does not. */
function addListener(draft: PlanDraft, input: PlanInput): number {
  if (input.verb !== "create") return 0;
  const slot = draft.newSlot();
  const path = `${input.stateDirectory}/start.sock`;
  draft.add("parent", { implied: "runtime.md#start" }, { op: "start.listen", path, slot });
  return slot;
}

/** Everything around the process: namespaces' contents, root filesystem, kernel parameters. */
function addEnvironment(parts: Parts, opened: Opened): void {
  const { draft, input, set } = parts;
  addRdtJoins(draft, opened.rdtJoins);
  if (isCreated(set, "cgroup")) {
    draft.add("init", { config: "/linux/namespaces" }, { op: "ns.unshare", flags: NAMESPACES.cgroup.cloneFlag });
  }
  draft.add("init", { implied: "runtime.md#create" }, { op: "session.new" });
  if (input.verb === "create") draft.add("init", { implied: "runtime.md#kill" }, { op: "signals.heed" });
  if (!input.noNewKeyring) {
    draft.add("init", { implied: "runtime.md#create" }, { op: "keyring.join", name: `_ses.${input.id}` });
  }
  if (isCreated(set, "network")) {
    draft.add("init", { implied: "config-linux.md#network" }, { op: "net.loopback_up" });
  }
  if (hasOwn(set, "mount")) addFilesystem(parts, opened);
  else addChroot(parts);
  addNames(draft, input);
  addSysctls(draft, input);
  if (hasOwn(set, "mount")) addPathProtection(draft, input);
}

function addFilesystem({ draft, input, set, cgroup, process }: Parts, opened: Opened): void {
  addRootfs(draft, input, opened.rootSlot);
  checkMountLabel(draft, input);
  addMounts({
    draft,
    input,
    cgroup,
    hasCgroupNamespace: isCreated(set, "cgroup"),
    sources: opened.mountSources,
  });
  if (set.hasUser || !input.host.isInitialUserNamespace) {
    addBoundDevices(draft, opened.devices ?? openDevices(draft, input, "init"));
  } else {
    addDevices(draft, input);
  }
  addDeviceLinks(draft);
  addCreationHooks(draft, input);
  addPivot(draft, input);
  if (process?.terminal === true) addConsole(draft, process, opened.console, true);
  addReadonlyDev(draft, input);
  addProtection(draft, input);
}

/** Without a mount namespace nothing is mounted: it would be the host's own tree that changes. */
function addChroot({ draft, input }: Parts): void {
  addCreationHooks(draft, input);
  draft.add("init", { config: "/root/path" }, { op: "root.chroot", path: input.rootfs });
}

/** prestart and createRuntime run on the runtime's side, createContainer in the container, all before the pivot. */
function addCreationHooks(draft: PlanDraft, input: PlanInput): void {
  if (hasHooks(input.config, "prestart", "createRuntime")) {
    const from = { implied: "config.md#createRuntime-hooks" } as const;
    addBarrier(draft, "environment", "init", from);
    addHooks(draft, "parent", "prestart", input);
    addHooks(draft, "parent", "createRuntime", input);
    addBarrier(draft, "hooks", "init", from);
  }
  addHooks(draft, "init", "createContainer", input);
}

/** From "everything is prepared" to the container's command, and for a foreground run to its end. */
function addHandOver(parts: Parts, opened: Opened): void {
  const { draft, input, process, cgroup } = parts;
  const from = { implied: "runtime.md#create" } as const;
  addBarrier(draft, "ready", "init", from);
  addCgroupRaises(draft, cgroup);
  const { beforePid, betweenPidAndStart, afterStart } = input.renderState(cgroup.paths);
  const path = `${input.stateDirectory}/state.json`;
  draft.add("parent", from, { op: "state.write", path, beforePid, betweenPidAndStart, afterStart });
  if (input.pidfdSocket !== undefined) {
    draft.add("parent", { flag: "--pidfd-socket" }, { op: "pidfd.send", path: input.pidfdSocket });
  }
  if (input.pidFile !== undefined) {
    const undo = JSON.stringify({ undo: "unlink", path: input.pidFile });
    draft.add("parent", { flag: "--pid-file" }, { op: "pidfile.write", path: input.pidFile, undo });
  }
  addBarrier(draft, "go", "init", from);
  if (opened.listener !== 0) {
    draft.add("init", { implied: "runtime.md#start" }, { op: "start.wait", slot: opened.listener });
  }
  // These hooks run programs of the container's own: what it may not call, they may not either.
  addSeccomp(draft, input, "last");
  addHooks(draft, "init", "startContainer", input);
  if (process !== undefined) addExec(draft, process);
  if (input.verb === "run") addRun(parts, opened);
}

function addRun(parts: Parts, { notify }: Opened): void {
  parts.draft.add("parent", { implied: "runtime.md#start" }, { op: "child.wait_exec" });
  addRunning(parts, notify);
}

/** From the start of the command on: for a container in the foreground until it has been removed. */
export function addRunning({ draft, input, cgroup, set, process }: Omit<Parts, "linux" | "split">, notify = 0): void {
  const from = { implied: "runtime.md#start" } as const;
  addHooks(draft, "parent", "poststart", input);
  if (input.detach && notify === 0) return;
  // While the container runs, others may act on it; when it has ended, one of them may already remove it.
  draft.add("parent", from, { op: "slot.close", slot: SLOT_LOCK });
  addNotifyForward(draft, input, notify);
  if (input.detach) return;
  draft.add("parent", from, { op: "child.wait_exit", terminal: process?.terminal === true ? 1 : 0 });
  if (input.keep) return;
  const deletion = { implied: "runtime.md#delete" } as const;
  draft.add("parent", deletion, { op: "lock.take", directory: input.stateDirectory });
  if (!hasOwn(set, "pid")) {
    const path = processDirectoryOf(cgroup.paths);
    if (path !== undefined) draft.add("parent", deletion, { op: "cgroup.kill", path });
  }
  addRdtRemoval(draft, input);
  addScopeRemoval(draft, cgroup);
  addCgroupRemoval(draft, cgroup);
  addNotifyRemoval(draft, input);
  draft.add("parent", deletion, {
    op: "state.remove",
    directory: input.stateDirectory,
    files: ["state.json", "config.json", "journal.jsonl"],
  });
  addHooks(draft, "parent", "poststop", input);
}
