import { ConfigError, formatProblem } from "../base/problem.ts";
import { remembering } from "../base/remember.ts";
import { endPhase } from "../base/timeline.ts";
import type { CgroupPlan } from "../cgroup/cgroup-plan.ts";
import type { Config } from "../config/types.gen.ts";
import { acceptConfig, type ValidatedConfig } from "../config/validate-config.ts";
import { checkText } from "../config/validate-text.ts";
import { type BuiltPlan, buildPlan } from "../plan/build.ts";
import type { HostFacts } from "../plan/host-facts.ts";
import { rootfsPath } from "../plan/parts/rootfs.ts";
import { isHostRoot } from "../plan/parts/rootless.ts";
import { renderStatePieces, type StoredState } from "../state/schema.ts";
import { ROOT_MODE, USER_ROOT_MODE } from "../state/store.ts";
import { realPath } from "../sys/files.ts";
import { probeHost, probeKernelMounts, probeSecurityModules } from "../sys/probe-host.ts";
import { probeRdt } from "../sys/probe-rdt.ts";
import { probeRootless } from "../sys/subid.ts";
import { userName } from "../sys/user.ts";
import { readConfigText, rootfsProblem } from "./bundle.ts";
import { checkTerminal } from "./check-terminal.ts";
import { compileFilter } from "./compile-filter.ts";
import { inheritedFds } from "./inherited-fds.ts";
import { withNotifySocket } from "./notify-socket.ts";
import type { CreateOptions, RunOptions, RuntimeContext } from "./options.ts";

/** A bundle that has been read, checked and compiled; nothing on the host has changed yet. */
export interface Prepared {
  readonly configText: string;
  readonly config: Config;
  readonly built: BuiltPlan;
  /** How many descriptors, from 3 on, the container inherits. */
  readonly preserveFds: number;
  /** The state at the beginning: no process yet. */
  readonly state: StoredState;
  /** The mode of the state root, where it has to be made. */
  readonly rootMode: number;
}

/** Reads and checks a bundle's config.json. Throws RuntimeError ERR_BUNDLE, ERR_CONFIG_SYNTAX, ConfigError. */
export function readBundle(bundle: string, warn: (message: string) => void): { text: string; config: Config } {
  return acceptText(readConfigText(bundle), warn);
}

function acceptText(written: string, warn: (message: string) => void): { text: string; config: Config } {
  const { text, config, warnings } = acceptedText(written);
  for (const warning of warnings) warn(formatProblem(warning));
  return { text, config };
}

/** A long-lived process makes many containers of one config. */
const acceptedText = remembering((written): ValidatedConfig & { readonly text: string } => {
  endPhase("read config.json");
  const { text, value, ...findings } = checkText(written);
  const accepted = acceptConfig(value, findings);
  endPhase("validate");
  return { text, ...accepted };
});

/** What is read from a bundle, and the time: given where they are not the host's own. */
export interface BundleRead {
  readonly bundle: string;
  readonly configText: string;
  readonly rootfs?: string;
  readonly created?: string;
}

/** Compiles the plan of a create or run. Throws what readBundle throws, and ConfigError for what this host cannot do. */
export async function prepare(
  context: RuntimeContext,
  options: CreateOptions | RunOptions,
  verb: "create" | "run",
): Promise<Prepared> {
  const bundle = realPath(options.bundle);
  return await compile(context, options, verb, { bundle, configText: readConfigText(bundle) });
}

/** As prepare, of what has been read. */
export async function compile(
  context: RuntimeContext,
  options: CreateOptions | RunOptions,
  verb: "create" | "run",
  { bundle, configText: written, ...given }: BundleRead,
): Promise<Prepared> {
  const accepted = acceptText(written, context.warn);
  const inherited = inheritedFds(accepted.config, options.preserveFds ?? 0);
  const preserveFds = inherited.count;
  const stateDirectory = `${context.root}/${options.id}`;
  const { config, notify } = withNotifySocket(inherited.config, stateDirectory);
  const rootfs = given.rootfs ?? existingRootfs(config, bundle);
  const initial = initialState(options, config, bundle, rootfs);
  const state = given.created === undefined ? initial : { ...initial, created: given.created };
  const seccomp = await compileFilter(config.linux?.seccomp, context);
  const host = {
    ...hostFor(config, options.id),
    ...(options.noPivot && { kernelMounts: probeKernelMounts() }),
  };
  const cgroup = context.systemdCgroup ? await scopeOf(context, options.id, config, host) : undefined;
  endPhase("look at the host");
  const built = buildPlan({
    ...options,
    preserveFds,
    verb,
    config,
    bundle,
    rootfs,
    host,
    ...(seccomp !== undefined && { seccomp }),
    ...(cgroup !== undefined && { cgroup }),
    stateDirectory,
    ...(notify !== undefined && { notify }),
    renderState: (cgroup) => renderStatePieces({ ...state, phase: "created", cgroup }),
    ...rootlessOf(context),
  });
  if (context.checksPlans === true) (await import("../plan/check.ts")).checkPlan(built.plan);
  endPhase("compile the plan");
  checkTerminal(config.process, options.consoleSocket, verb === "run" && !("detach" in options && options.detach), {
    pointer: "/process/terminal",
  });
  for (const warning of built.warnings) context.warn(formatProblem(warning));
  const rootMode = isHostRoot(host) ? ROOT_MODE : USER_ROOT_MODE;
  const { text: configText } = accepted;
  return { configText, config, built, preserveFds, state: { ...state, cgroup: built.cgroup.paths }, rootMode };
}

/** What a plan is told of `rootless`: nothing where it is to find out. */
export function rootlessOf({ rootless = "auto" }: RuntimeContext): { readonly rootless?: boolean } {
  return rootless === "auto" ? {} : { rootless };
}

/** The cgroup that systemd is to make. Loaded only where it is asked for. */
export async function scopeOf(
  { rootless = "auto" }: RuntimeContext,
  id: string,
  { linux = {}, annotations }: Config,
  host: HostFacts,
): Promise<CgroupPlan> {
  const { compileScope } = await import("../cgroup/systemd/compile-scope.ts");
  const { asksForVersion } = await import("../cgroup/systemd/version.ts");
  const { probeSystemd } = await import("../sys/probe-systemd.ts");
  const isUser = rootless === "auto" ? !isHostRoot(host) : rootless;
  return compileScope({
    id,
    facts: host.cgroup,
    rootless: isUser,
    systemd: probeSystemd(host.cgroup, { user: isUser, asksForVersion: asksForVersion(linux.resources) }),
    ...(annotations !== undefined && { annotations }),
    ...(linux.cgroupsPath !== undefined && { cgroupsPath: linux.cgroupsPath }),
    ...(linux.resources !== undefined && { resources: linux.resources }),
  });
}

/** The facts of this host that the plan of a config depends on: what only some configs ask about is looked up for them only. */
export function hostFor({ process, linux }: Config, id: string): HostFacts {
  const rdt = linux?.intelRdt === undefined ? undefined : probeRdt(linux.intelRdt.closID ?? id);
  const host = probeHost();
  return {
    ...host,
    ...(process?.apparmorProfile || process?.selinuxLabel || linux?.mountLabel ? probeSecurityModules() : {}),
    ...(rdt !== undefined && { rdt }),
    ...(makesUserNamespace(linux) && !isHostRoot(host) && { rootless: probeRootless(host.uid) }),
  };
}

function makesUserNamespace(linux: Config["linux"]): boolean {
  return linux?.namespaces?.some(({ type, path }) => type === "user" && !path) === true;
}

/** The state of a container that is about to be made. */
export function initialState(
  options: Pick<CreateOptions, "id" | "noNewKeyring">,
  config: Config,
  bundle: string,
  rootfs: string,
): StoredState {
  return {
    version: 1,
    phase: "creating",
    id: options.id,
    ociVersion: config.ociVersion,
    pid: 0,
    startTime: 0,
    bundle,
    rootfs,
    created: new Date().toISOString(),
    owner: userName(process.geteuid?.() ?? 0),
    cgroup: { v1: {} },
    ...(options.noNewKeyring && { noNewKeyring: true }),
    ...(config.annotations !== undefined && { annotations: config.annotations }),
  };
}

/** The root filesystem without symbolic links. Throws ConfigError where there is none. */
export function existingRootfs(config: Config, bundle: string): string {
  const problem = rootfsProblem(config, bundle);
  if (problem !== undefined) throw new ConfigError("Cannot use the root filesystem", [problem]);
  return realPath(rootfsPath(config.root?.path ?? "", bundle));
}
