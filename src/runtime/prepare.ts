import { RuntimeError } from "../base/errors.ts";
import { ConfigError, formatProblem, shownValue } from "../base/problem.ts";
import { parseConfig } from "../config/parse-config.ts";
import type { Config } from "../config/types.gen.ts";
import { validateConfig } from "../config/validate-config.ts";
import { type BuiltPlan, buildPlan } from "../plan/build.ts";
import type { HostFacts } from "../plan/host-facts.ts";
import { rootfsPath } from "../plan/parts/rootfs.ts";
import { renderStatePieces, type StoredState } from "../state/schema.ts";
import { pathType, readTextIfExists, realPath } from "../sys/files.ts";
import { probeHost, probeSecurityModules } from "../sys/probe-host.ts";
import { probeRdt } from "../sys/probe-rdt.ts";
import { userName } from "../sys/user.ts";
import { inheritedFds } from "./inherited-fds.ts";
import { checkTerminal } from "./check-terminal.ts";
import { compileFilter } from "./compile-filter.ts";
import type { CreateOptions, RunOptions, RuntimeContext } from "./options.ts";

/** A bundle that has been read, checked and compiled; nothing on the host has changed yet. */
export interface Prepared {
  readonly configText: string;
  readonly built: BuiltPlan;
  /** How many descriptors, from 3 on, the container inherits. */
  readonly preserveFds: number;
  /** The state at the beginning: no process yet. */
  readonly state: StoredState;
}

const MAX_CONFIG_BYTES = 16 << 20;

/** Reads and checks a bundle's config.json. Throws RuntimeError ERR_BUNDLE, ERR_CONFIG_SYNTAX, ConfigError. */
export function readBundle(bundle: string, warn: (message: string) => void): { text: string; config: Config } {
  const path = `${bundle}/config.json`;
  const text = readTextIfExists(path, MAX_CONFIG_BYTES);
  if (text === undefined) {
    throw new RuntimeError("ERR_BUNDLE", `Cannot read "${path}": it does not exist`, {
      flag: "--bundle",
      spec: "bundle.md",
      fix: 'create one with "mydocker-runtime spec", or name the bundle with --bundle',
    });
  }
  const { config, warnings } = validateConfig(parseConfig(text));
  for (const warning of warnings) warn(formatProblem(warning));
  return { text, config };
}

/** Compiles the plan of a create or run. Throws what readBundle throws, and ConfigError for what this host cannot do. */
export async function prepare(
  context: RuntimeContext,
  options: CreateOptions | RunOptions,
  verb: "create" | "run",
): Promise<Prepared> {
  const bundle = realPath(options.bundle);
  const { text, config: stored } = readBundle(bundle, context.warn);
  const { config, count: preserveFds } = inheritedFds(stored, options.preserveFds);
  const rootfs = existingRootfs(config, bundle);
  const state = initialState(options, config, bundle, rootfs);
  const isRun = "detach" in options;
  const seccomp = await compileFilter(config.linux?.seccomp, context);
  const built = buildPlan({
    ...options,
    preserveFds,
    verb,
    config,
    bundle,
    rootfs,
    host: hostFor(config, options.id),
    ...(seccomp !== undefined && { seccomp }),
    stateDirectory: `${context.root}/${options.id}`,
    renderState: (cgroup) => renderStatePieces({ ...state, phase: "created", cgroup }),
    detach: isRun && options.detach,
    keep: isRun && options.keep,
  });
  checkTerminal(config.process, options.consoleSocket, verb === "run" && !(isRun && options.detach));
  for (const warning of built.warnings) context.warn(formatProblem(warning));
  return { configText: text, built, preserveFds, state: { ...state, cgroup: built.cgroup.paths } };
}

/** What only some configs ask about is looked up for them only. */
function hostFor({ process, linux }: Config, id: string): HostFacts {
  const rdt = linux?.intelRdt === undefined ? undefined : probeRdt(linux.intelRdt.closID ?? id);
  return {
    ...probeHost(),
    ...(process?.apparmorProfile || process?.selinuxLabel ? probeSecurityModules() : {}),
    ...(rdt !== undefined && { rdt }),
  };
}

function initialState(options: CreateOptions, config: Config, bundle: string, rootfs: string): StoredState {
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

/** Source: config.md#root: the directory must exist. */
function existingRootfs(config: Config, bundle: string): string {
  const given = config.root?.path ?? "";
  const path = rootfsPath(given, bundle);
  const type = pathType(path);
  if (type === "symlink" || type === "directory") return realPath(path);
  throw new ConfigError("Cannot use the root filesystem", [
    {
      code: "ROOT_MISSING",
      severity: "error",
      pointer: "/root/path",
      value: shownValue(given),
      message: type === undefined ? `names "${path}", which does not exist` : `names "${path}", which is a ${type}`,
      spec: "config.md#root",
      fix: "put the container's root filesystem there, or correct the path",
    },
  ]);
}
