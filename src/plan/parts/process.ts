import type { Origin } from "../../base/origin.ts";
import { ioPriorityValue } from "../../linux/io-priority.ts";
import { PERSONALITY_DOMAINS } from "../../linux/personality.ts";
import { rlimitNumber } from "../../linux/rlimits.ts";
import { SCHEDULER_FLAGS, SCHEDULER_POLICIES } from "../../linux/scheduler.ts";
import type { PlanDraft } from "../draft.ts";
import type { PlanInput, Process } from "../plan-input.ts";
import type { Stage } from "../step.ts";
import type { GrantedCapabilities } from "./capabilities.ts";

const PROCESS: Origin = { config: "/process" };

/** A hard limit above the caller's takes rights that the process itself may not have. Source: config.md#posix-process. */
export function addHardLimits(draft: PlanDraft, process: Process): void {
  (process.rlimits ?? []).forEach(({ type, hard }, index) => {
    const resource = rlimitNumber(type) ?? 0;
    draft.add("parent", rlimitOrigin(index), { op: "rlimit.allow", resource, hard: limitValue(hard) });
  });
}

/** As late as can be: a limit of open files or of memory would hold for what prepares the process, too. */
export function addRlimits(draft: PlanDraft, process: Process): void {
  (process.rlimits ?? []).forEach(({ type, soft, hard }, index) => {
    const resource = rlimitNumber(type) ?? 0;
    draft.add("init", rlimitOrigin(index), {
      op: "rlimit.set",
      resource,
      soft: limitValue(soft),
      hard: limitValue(hard),
    });
  });
}

function rlimitOrigin(index: number): Origin {
  return { config: `/process/rlimits/${index}` };
}

export function addOomScoreAdj(draft: PlanDraft, at: Stage, process: Process): void {
  if (process.oomScoreAdj === undefined) return;
  draft.add(at, { config: "/process/oomScoreAdj" }, { op: "oom.score_adj", value: String(process.oomScoreAdj) });
}

/** JSON numbers lose the last bits of 2^64-1, which means "no limit". Source: getrlimit(2). */
function limitValue(limit: number | bigint): bigint {
  return typeof limit === "number" && limit >= 2 ** 64 - 2048 ? 0xffffffffffffffffn : BigInt(limit);
}

/** Scheduling, priorities and memory placement. Source: config.md#linux-process. */
export function addScheduling(draft: PlanDraft, { config }: Pick<PlanInput, "config">): void {
  const { scheduler, ioPriority } = config.process ?? {};
  if (scheduler !== undefined) {
    draft.add(
      "init",
      { config: "/process/scheduler" },
      {
        op: "sched.set",
        policy: SCHEDULER_POLICIES[scheduler.policy],
        nice: String(scheduler.nice ?? 0),
        priority: scheduler.priority ?? 0,
        flags: (scheduler.flags ?? []).reduce((bits, flag) => bits | SCHEDULER_FLAGS[flag], 0),
        runtime: scheduler.runtime ?? 0,
        deadline: scheduler.deadline ?? 0,
        period: scheduler.period ?? 0,
      },
    );
  }
  if (ioPriority !== undefined) {
    const value = ioPriorityValue(ioPriority.class, ioPriority.priority ?? 0);
    draft.add("init", { config: "/process/ioPriority" }, { op: "io.priority", value });
  }
  const personality = config.linux?.personality;
  if (personality?.domain !== undefined) {
    const value = PERSONALITY_DOMAINS[personality.domain];
    draft.add("init", { config: "/linux/personality" }, { op: "personality", value });
  }
}

/** Before the user changes: afterwards a directory of root's could not be entered, and less made. */
export function addWorkingDirectory(draft: PlanDraft, process: Process, isMadeWhereMissing: boolean): void {
  draft.add("init", { config: "/process/cwd" }, { op: "cwd", path: process.cwd, create: isMadeWhereMissing ? 1 : 0 });
}

/**
 * The user, in the order that the kernel asks for: the bounding set while there is CAP_SETPCAP, groups before the user
 * id. The permitted capabilities are kept over the change: addCapabilities comes later.
 */
export function addUser(draft: PlanDraft, process: Process, caps: GrantedCapabilities, setsGroups: boolean): void {
  const { uid = 0, gid = 0, additionalGids, umask } = process.user ?? {};
  draft.add("init", CAPABILITIES, { op: "caps.bounding", keep: caps.bounding });
  if (setsGroups) {
    const gids = (additionalGids ?? []).map(String);
    draft.add("init", { config: "/process/user/additionalGids" }, { op: "user.groups", gids });
  }
  draft.add("init", { config: "/process/user" }, { op: "user.set", uid, gid });
  draft.add("init", { config: "/process/user/umask" }, { op: "umask", mask: umask ?? DEFAULT_UMASK });
}

/** The four sets beside the bounding one: after the user id, whose change clears them. */
export function addCapabilities(draft: PlanDraft, caps: GrantedCapabilities): void {
  const { effective, permitted, inheritable, ambient } = caps;
  draft.add("init", CAPABILITIES, { op: "caps.set", effective, permitted, inheritable, ambient });
}

const CAPABILITIES: Origin = { config: "/process/capabilities" };

const DEFAULT_UMASK = 0o022;

/** What the command will be, as far as it can be known before it is executed. */
export function addCommandLookup(
  draft: PlanDraft,
  process: Process,
  { effective }: GrantedCapabilities,
  preserveFds: number,
): void {
  if (!effectiveEnv(process).some((entry) => entry.startsWith("HOME="))) {
    draft.add("init", { implied: "config.md#process" }, { op: "env.home", uid: process.user?.uid ?? 0 });
  }
  draft.add("init", { config: "/process/args" }, { op: "exec.find", ...commandOf(process), effective });
  draft.add("init", preserveFds > 0 ? { flag: "--preserve-fds" } : PROCESS, {
    op: "fds.inherit",
    count: preserveFds,
  });
}

/**
 * The command's file is in memory before the container's processes are: where nobody has used it lately, the one that executes
 * it is charged for what the kernel reads ahead, up to 2 MiB at once, and killed where its limit is lower. Source: readahead(2).
 */
export function addReadAhead(draft: PlanDraft, { config, rootfs }: PlanInput): void {
  const limit = config.linux?.resources?.memory?.limit ?? 0;
  if (config.process === undefined || limit <= 0 || limit >= READ_AHEAD_BELOW_BYTES) return;
  const { command, path } = commandOf(config.process);
  draft.add("parent", { config: "/linux/resources/memory/limit" }, { op: "exec.read_ahead", rootfs, command, path });
}

const READ_AHEAD_BELOW_BYTES = 4 << 20;

/** The command, and the directories that it is looked for in. */
function commandOf(process: Process): { readonly command: string; readonly path: string } {
  const path = effectiveEnv(process).findLast((entry) => entry.startsWith("PATH="));
  return { command: process.args?.[0] ?? "", path: path?.slice("PATH=".length) ?? "" };
}

export function addExec(draft: PlanDraft, process: Process): void {
  draft.add("init", { config: "/process/args" }, { op: "exec", args: process.args ?? [], env: effectiveEnv(process) });
}

/** Of a variable that is set more than once the last one counts. An empty HOME is none. */
function effectiveEnv({ env = [] }: Process): readonly string[] {
  const last = new Map<string, string>();
  for (const entry of env) {
    const name = entry.slice(0, entry.indexOf("="));
    // Set anew, so that it has the last one's place.
    last.delete(name);
    last.set(name, entry);
  }
  return [...last.values()].filter((entry) => entry !== "HOME=");
}
