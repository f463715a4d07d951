import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "../base/problem.ts";
import type { CgroupPlan } from "../cgroup/cgroup-plan.ts";
import { compileCgroup } from "../cgroup/compile-cgroup.ts";
import { compileScope } from "../cgroup/systemd/compile-scope.ts";
import { parseConfig } from "../config/parse-config.ts";
import type { Config } from "../config/types.gen.ts";
import { checkConfig } from "../config/validate-config.ts";
import { buildPlan } from "../plan/build.ts";
import { buildExecPlan } from "../plan/build-exec.ts";
import type { ExecInput } from "../plan/exec-input.ts";
import type { HostFacts } from "../plan/host-facts.ts";
import type { Plan } from "../plan/step.ts";
import { compileSeccomp } from "../seccomp/compile-seccomp.ts";
import { ROOTLESS_HOST, UNIFIED_HOST, V1_HOST } from "./fixed-hosts.ts";
import { PROJECT_ROOT } from "./project-root.ts";

/** The worked examples: each directory holds a config.json and the plans that it is compiled to. */
export const BUNDLES_DIRECTORY = join(PROJECT_ROOT, "bundles");

/** A plan that is kept beside its config. */
export interface BundlePlan {
  readonly file: string;
  readonly verb: "create" | "run" | "exec";
  readonly host: HostFacts;
  /** Whether systemd makes the cgroup. */
  readonly systemd?: boolean;
}

/** Every bundle is compiled for `run`, on a host whose plan is the easiest to read. */
const FOR_EACH: BundlePlan = { file: "plan.txt", verb: "run", host: V1_HOST };

/** What is worth seeing of some of them besides. */
const BESIDES: Readonly<Record<string, readonly BundlePlan[]>> = {
  hello: [{ file: "plan-create.txt", verb: "create", host: V1_HOST }],
  scheduling: [{ file: "plan-exec.txt", verb: "exec", host: V1_HOST }],
  limits: [
    { file: "plan-unified.txt", verb: "run", host: UNIFIED_HOST },
    { file: "plan-systemd.txt", verb: "run", host: UNIFIED_HOST, systemd: true },
  ],
  "cgroup-namespace": [{ file: "plan-unified.txt", verb: "run", host: UNIFIED_HOST }],
  "user-namespace": [{ file: "plan-rootless.txt", verb: "run", host: ROOTLESS_HOST }],
};

export function bundleNames(): readonly string[] {
  const entries = readdirSync(BUNDLES_DIRECTORY, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
}

export function bundlePlans(name: string): readonly BundlePlan[] {
  return [FOR_EACH, ...(BESIDES[name] ?? [])];
}

/** Reads a bundle's config. An example deserves no warning: throws Error with all problems. */
export function readBundleConfig(name: string): Config {
  const config = parseConfig(readFileSync(join(BUNDLES_DIRECTORY, name, "config.json"), "utf8"));
  const { errors, warnings } = checkConfig(config);
  const problems = [...errors, ...warnings].map(formatProblem);
  if (problems.length > 0) throw new Error(`bundles/${name}/config.json: ${problems.join("; ")}`);
  return config as Config; // without errors the schema has accepted it
}

/** Compiles a bundle as if it lay in /bundles and its container had the bundle's name. */
export function compileBundle(name: string, { verb, host, systemd }: BundlePlan): Plan {
  const config = readBundleConfig(name);
  const { id, bundle, rootfs } = { id: name, bundle: `/bundles/${name}`, rootfs: `/bundles/${name}/rootfs` };
  const flags = { detach: false, keep: false, noPivot: false, noNewKeyring: false, preserveFds: 0 };
  if (verb === "exec") return compileExec({ id, config, host, bundle, rootfs, ...flags });
  const { seccomp } = config.linux ?? {};
  return buildPlan({
    verb,
    id,
    config,
    host,
    bundle,
    rootfs,
    stateDirectory: `/run/mydocker-runtime/${name}`,
    renderState: () => ({ beforePid: '{"pid":', betweenPidAndStart: ',"startTime":', afterStart: "}" }),
    ...(seccomp !== undefined && { seccomp: compileSeccomp(seccomp, { native: "SCMP_ARCH_X86_64" }) }),
    ...(systemd === true && { cgroup: scopeOf(id, config, host) }),
    ...flags,
  }).plan;
}

/** For systemd linux.cgroupsPath is written in another way. */
function scopeOf(id: string, { linux = {} }: Config, host: HostFacts): CgroupPlan {
  const { resources = {} } = linux;
  return compileScope({
    id,
    facts: host.cgroup,
    rootless: false,
    resources,
    cgroupsPath: `mydocker.slice:bundles:${id}`,
    systemd: {
      user: false,
      controlGroup: "",
      controllers: host.cgroup.v2?.controllers ?? [],
      busctl: "/usr/bin/busctl",
      systemctl: "/usr/bin/systemctl",
    },
  });
}

/** The config's own process once more, in a container whose init has the pid 4321. */
function compileExec(input: Omit<ExecInput, "process" | "flags" | "init" | "namespaces" | "cgroup">): Plan {
  const { config, host, id } = input;
  const { namespaces = [], cgroupsPath } = config.linux ?? {};
  const { paths } = compileCgroup({ id, facts: host.cgroup, rootless: false, ...(cgroupsPath && { cgroupsPath }) });
  return buildExecPlan({
    ...input,
    process: config.process ?? { cwd: "/", user: { uid: 0, gid: 0 } },
    flags: {},
    init: { pid: 4321, startTime: 99 },
    namespaces: namespaces.map(({ type }) => type),
    cgroup: paths,
  }).plan;
}
