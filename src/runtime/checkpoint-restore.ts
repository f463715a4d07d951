import { becomePlan } from "../apply/become-plan.ts";
import { awaitPlan } from "../apply/carry-out.ts";
import { rollBack } from "../apply/rollback.ts";
import { StepError } from "../apply/step-error.ts";
import { RuntimeError } from "../base/errors.ts";
import { formatProblem } from "../base/problem.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import type { CgroupFacts, HierarchyPlace } from "../cgroup/facts.ts";
import type { Config } from "../config/types.gen.ts";
import type { BuiltPlan } from "../plan/build.ts";
import { buildRestorePlan, FIRST_CRIU_FD, type RestoreInput } from "../plan/build-restore.ts";
import { renderStatePieces, type StoredState } from "../state/schema.ts";
import { checkId, claimContainer } from "../state/store.ts";
import { makeDirs, readText, realPath } from "../sys/files.ts";
import { checkTerminal } from "./check-terminal.ts";
import { DESCRIPTORS_FILE, restoreArguments } from "./checkpoint-arguments.ts";
import { criuFailure, findCriu } from "./checkpoint-criu.ts";
import { externalMounts, externalNamespaces, joinedNamespaces } from "./checkpoint-external.ts";
import type { RestoreOptions, RuntimeContext } from "./options.ts";
import { existingRootfs, hostFor, initialState, readBundle, rootlessOf, scopeOf } from "./prepare.ts";
import { settle } from "./settle.ts";

const DIRECTORY_MODE = 0o700;

/**
 * Makes a container again from what checkpointContainer has written, by the program criu, and unless it is detached
 * waits for its end. Gives its exit status, as runContainer does. Throws StateError, ConfigError, and RuntimeError with
 * criu's own reason; the host is left as it was then. Source: criu(8).
 */
export async function restoreContainer(context: RuntimeContext, options: RestoreOptions): Promise<number> {
  const { id } = options;
  checkId(id);
  const { text, built, state } = await prepareRestore(context, options);
  for (const warning of built.warnings) context.warn(formatProblem(warning));
  const { lockFd } = claimContainer(context.root, state, text);
  try {
    if (context.handover === "replace") becomePlan(built.plan, context.reportArgv ?? [], { lockFd, preserveFds: 0 });
    return settle(context, id, await awaitPlan(built.plan, { lockFd, preserveFds: 0 }));
  } catch (error) {
    const failure = error instanceof StepError ? withCriuReason(error) : error;
    if (failure instanceof RuntimeError) await rollBack(context.root, id, failure);
    throw failure;
  }
}

/** What criu says of a restore that failed, instead of its exit status. */
export function withCriuReason(error: StepError): RuntimeError {
  const { op, note } = error.record;
  if (op?.op !== "criu.adopt" || error.record.call !== "program") return error;
  return criuFailure("restore the container", note, op.logFile, "");
}

interface PreparedRestore {
  readonly text: string;
  readonly built: BuiltPlan;
  readonly state: StoredState;
}

async function prepareRestore(context: RuntimeContext, options: RestoreOptions): Promise<PreparedRestore> {
  const bundle = realPath(options.bundle);
  const { text, config } = readBundle(bundle, context.warn);
  if (config.process?.terminal === true) throw withTerminal();
  checkTerminal(config.process, options.consoleSocket, !options.detach, { pointer: "/process/terminal" });
  const rootfs = existingRootfs(config, bundle);
  const state = initialState({ id: options.id }, config, bundle, rootfs);
  const { workPath = options.imagePath } = options;
  makeDirs(workPath, DIRECTORY_MODE);
  const host = hostFor(config, options.id);
  const scope = context.systemdCgroup ? await scopeOf(context, options.id, config, host) : undefined;
  const built = buildRestorePlan({
    ...options,
    verb: "run",
    config,
    bundle,
    rootfs,
    host,
    ...(scope !== undefined && { cgroup: scope }),
    stateDirectory: `${context.root}/${options.id}`,
    renderState: (cgroup) => renderStatePieces({ ...state, phase: "created", cgroup }),
    ...rootlessOf(context),
    criu: criuOf(context, options, config, { bundle, rootfs, workPath, facts: host.cgroup }),
    preserveFds: 0,
  });
  return { text, built, state: { ...state, cgroup: built.cgroup.paths } };
}

interface Surroundings {
  readonly bundle: string;
  readonly rootfs: string;
  readonly workPath: string;
  readonly facts: CgroupFacts;
}

function criuOf(
  context: RuntimeContext,
  options: RestoreOptions,
  config: Config,
  { bundle, rootfs, workPath, facts }: Surroundings,
): RestoreInput["criu"] {
  const pidFile = `${context.root}/${options.id}/criu.pid`;
  const namespaces = externalNamespaces(config);
  return {
    program: findCriu(`restore container "${options.id}"`, context.criu),
    pidFile,
    logFile: `${workPath}/restore.log`,
    namespaces: namespaces.map(({ path }) => path),
    args: (cgroup) =>
      restoreArguments(options, {
        root: rootfs,
        pidFile,
        mounts: externalMounts({ config, bundle, rootfs, facts, cgroup }),
        cgroupRoots: cgroupRoots(cgroup, facts),
        inheritedFds: [
          ...inheritedPipes(options.imagePath),
          ...namespaces.map(({ key }, index) => `fd[${FIRST_CRIU_FD + index}]:${key}`),
        ],
        joinedNamespaces: joinedNamespaces(config),
      }),
  };
}

/** The streams that were pipes are this command's streams now. */
function inheritedPipes(imagePath: string): readonly string[] {
  // Written by writeDescriptors, or by runc: a list of links.
  const links = JSON.parse(readText(`${imagePath}/${DESCRIPTORS_FILE}`)) as readonly string[];
  return links.flatMap((link, fd) => (link.startsWith("pipe:") ? [`fd[${fd}]:${link}`] : []));
}

/** The container may have another name than it had: its cgroups are then elsewhere. */
function cgroupRoots({ v1, v2 }: CgroupPaths, facts: CgroupFacts): readonly string[] {
  const below = (directory: string, { mountpoint, mountRoot }: HierarchyPlace): string =>
    (mountRoot === "/" ? "" : mountRoot) + directory.slice(mountpoint.length);
  const roots = facts.v1.flatMap((hierarchy): readonly string[] => {
    const controller = hierarchy.name === undefined ? hierarchy.controllers[0] : `name=${hierarchy.name}`;
    const directory = v1[controller ?? ""];
    return directory === undefined ? [] : [`${controller}:${below(directory, hierarchy)}`];
  });
  return v2 === undefined || facts.v2 === undefined || roots.length > 0 ? roots : [below(v2, facts.v2)];
}

function withTerminal(): RuntimeError {
  return new RuntimeError(
    "ERR_NOT_SUPPORTED",
    "Cannot restore a container with a terminal: its other side was not in it",
    {
      pointer: "/process/terminal",
    },
  );
}
