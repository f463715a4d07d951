import { ConfigError, type Problem } from "../base/problem.ts";
import type { Config } from "../config/types.gen.ts";
import { CAPABILITIES } from "../linux/capabilities.ts";
import { buildPlan } from "../plan/build.ts";
import type { HostFacts } from "../plan/host-facts.ts";
import { rootfsPath } from "../plan/parts/rootfs.ts";
import { compileSeccomp, type SeccompProgram } from "../seccomp/compile-seccomp.ts";
import { cgroupFactsFrom } from "../sys/cgroup-facts.ts";
import { readText, readTextIfExists } from "../sys/files.ts";
import { type KernelAbilities, kernelAbilities } from "../sys/probe-features.ts";
import { nativeArchitecture } from "../sys/probe-host.ts";
import { hostFor } from "./prepare.ts";
import { kernelProblems } from "./validate-kernel.ts";
import { limitProblems } from "./validate-limits.ts";
import { pathProblems } from "./validate-paths.ts";

/** The name of a container that nobody will see. */
const ANY_ID = "container";

/**
 * What this host cannot do of a config that breaks no rule. Errors are what would fail for root here; what fails only for
 * the caller, who may be another user than the one who will run the container, is a warning. Throws SystemError.
 */
export async function hostProblems(config: Config, bundle: string): Promise<readonly Problem[]> {
  const kernel = kernelAbilities();
  const { seccomp, problems } = compileFilter(config);
  const caller = hostFor(config, ANY_ID);
  const common = { config, bundle, ...(seccomp !== undefined && { seccomp }) };
  const forRoot = planProblems({ ...common, host: { ...caller, ...rootFacts(kernel) } });
  const forCaller = planProblems({ ...common, host: caller });
  return [
    ...problems,
    ...forRoot,
    ...onlyForCaller(forRoot, forCaller),
    ...kernelProblems(config, kernel),
    ...limitProblems(config, { limits: readText("/proc/self/limits"), boundingSet: kernel.boundingSet }),
    ...pathProblems(config, bundle),
  ];
}

/** A filter that cannot be compiled is a problem; the rest of the config is looked at without it. */
function compileFilter({ linux }: Config): { seccomp?: SeccompProgram; problems: readonly Problem[] } {
  if (linux?.seccomp === undefined) return { problems: [] };
  try {
    const seccomp = compileSeccomp(linux.seccomp, { native: nativeArchitecture() });
    return { seccomp, problems: seccomp.warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems };
  }
}

/** What root has on this host: the whole of every hierarchy, and the capabilities that the bounding set has left. */
function rootFacts({ boundingSet }: KernelAbilities): Partial<HostFacts> {
  return {
    uid: 0,
    gid: 0,
    isPrivileged: true,
    capabilities: boundingSet.reduce((bits, name) => bits | (1n << BigInt(CAPABILITIES[name] ?? 0)), 0n),
    cgroup: cgroupFactsFrom(readText("/proc/self/mountinfo"), readText("/proc/self/cgroup"), {
      readFile: (path) => readTextIfExists(path) ?? "",
    }),
  };
}

interface PlanFacts {
  readonly config: Config;
  readonly bundle: string;
  readonly host: HostFacts;
  readonly seccomp?: SeccompProgram;
}

/** Compiles the plan of `run`, and carries out none of it. */
function planProblems(facts: PlanFacts): readonly Problem[] {
  try {
    const { warnings } = buildPlan({
      ...facts,
      verb: "run",
      id: ANY_ID,
      rootfs: rootfsPath(facts.config.root?.path ?? "", facts.bundle),
      stateDirectory: `/run/${ANY_ID}`,
      renderState: () => ({ beforePid: "", betweenPidAndStart: "", afterStart: "" }),
      preserveFds: 0,
    });
    return warnings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

function onlyForCaller(forRoot: readonly Problem[], forCaller: readonly Problem[]): readonly Problem[] {
  const known = new Set(forRoot.map(keyOf));
  return forCaller
    .filter((problem) => !known.has(keyOf(problem)))
    .map((problem) => ({ ...problem, severity: "warning", message: `${problem.message} (for this user; root can)` }));
}

function keyOf({ code, pointer }: Problem): string {
  return `${code} ${pointer}`;
}
