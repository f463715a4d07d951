import { RuntimeError } from "../base/errors.ts";
import { ConfigError, formatProblem, shownValue } from "../base/problem.ts";
import { parseConfig } from "../config/parse-config.ts";
import type { Config, Seccomp } from "../config/types.gen.ts";
import { validateConfig } from "../config/validate-config.ts";
import { type BuiltPlan, buildPlan } from "../plan/build.ts";
import { rootfsPath } from "../plan/parts/rootfs.ts";
import type { SeccompProgram } from "../seccomp/compile-seccomp.ts";
import { renderStatePieces, type StoredState } from "../state/schema.ts";
import { pathType, readTextIfExists, realPath } from "../sys/files.ts";
import { nativeArchitecture, probeHost, probeSecurityModules } from "../sys/probe-host.ts";
import { userName } from "../sys/user.ts";
import type { CreateOptions, RunOptions, RuntimeContext } from "./options.ts";

/** A bundle that has been read, checked and compiled; nothing on the host has changed yet. */
export interface Prepared {
  readonly configText: string;
  readonly built: BuiltPlan;
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
  const { text, config } = readBundle(bundle, context.warn);
  const rootfs = existingRootfs(config, bundle);
  const state = initialState(options.id, config, bundle, rootfs);
  const isRun = "detach" in options;
  const seccomp = config.linux?.seccomp === undefined ? undefined : await compileFilter(config.linux.seccomp, context);
  const { apparmorProfile, selinuxLabel } = config.process ?? {};
  const built = buildPlan({
    ...options,
    verb,
    config,
    bundle,
    rootfs,
    host: { ...probeHost(), ...(apparmorProfile || selinuxLabel ? probeSecurityModules() : {}) },
    ...(seccomp !== undefined && { seccomp }),
    stateDirectory: `${context.root}/${options.id}`,
    renderState: (cgroup) => renderStatePieces({ ...state, phase: "created", cgroup }),
    detach: isRun && options.detach,
    keep: isRun && options.keep,
  });
  checkTerminal(config, options, verb === "run" && !(isRun && options.detach));
  for (const warning of built.warnings) context.warn(formatProblem(warning));
  return { configText: text, built, state: { ...state, cgroup: built.cgroup.paths } };
}

/** Loaded only for a config with a filter: it brings the tables of system calls. */
async function compileFilter(seccomp: Seccomp, context: RuntimeContext): Promise<SeccompProgram> {
  const { compileSeccomp } = await import("../seccomp/compile-seccomp.ts");
  const program = compileSeccomp(seccomp, { native: nativeArchitecture() });
  for (const warning of program.warnings) context.warn(formatProblem(warning));
  return program;
}

function initialState(id: string, config: Config, bundle: string, rootfs: string): StoredState {
  return {
    version: 1,
    phase: "creating",
    id,
    ociVersion: config.ociVersion,
    pid: 0,
    startTime: 0,
    bundle,
    rootfs,
    created: new Date().toISOString(),
    owner: userName(process.geteuid?.() ?? 0),
    cgroup: { v1: {} },
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

/** Who detaches leaves nobody to hold the terminal, unless a socket takes it. The texts are what callers know. */
function checkTerminal(config: Config, { consoleSocket }: CreateOptions, isForeground: boolean): void {
  const wanted = config.process?.terminal === true;
  if (wanted && !isForeground && consoleSocket === undefined) {
    throw new RuntimeError("ERR_USAGE", "cannot allocate tty if runc will detach without setting console socket", {
      pointer: "/process/terminal",
      fix: "add --console-socket, or set process.terminal to false",
    });
  }
  if (consoleSocket !== undefined && (isForeground || !wanted)) {
    throw new RuntimeError("ERR_USAGE", "cannot use console socket if runc will not detach or allocate tty", {
      flag: "--console-socket",
      fix: wanted ? "add --detach" : "set process.terminal to true",
    });
  }
}
