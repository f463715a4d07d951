import { COMMIT, SPEC_VERSION, VERSION } from "../base/version.ts";
import { SYSTEMD_PROPERTY_PREFIX } from "../cgroup/systemd/annotation-properties.ts";
import type { Hooks, SeccompOperator } from "../config/types.gen.ts";
import { ARCHITECTURES } from "../linux/arch.ts";
import { CAPABILITIES } from "../linux/capabilities.ts";
import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from "../linux/memory-policy.ts";
import { mountOptionNames } from "../linux/mount-option-table.ts";
import { NAMESPACES } from "../linux/namespaces.ts";
import { SECCOMP_ACTIONS, SECCOMP_FILTER_FLAGS } from "../linux/seccomp.ts";
import { KEEP_GROUPS, MOUNT_CONTEXT_TYPE } from "../plan/parts/annotations.ts";
import { kernelAbilities } from "../sys/probe-features.ts";
import type { RuntimeContext } from "./options.ts";

/** What this build can do, whatever the host allows. Source: features.md, features-linux.md. */
export interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks: readonly string[];
  readonly mountOptions: readonly string[];
  readonly linux: LinuxFeatures;
  readonly annotations: Readonly<Record<string, string>>;
  readonly potentiallyUnsafeConfigAnnotations: readonly string[];
}

export interface LinuxFeatures {
  readonly namespaces: readonly string[];
  readonly capabilities: readonly string[];
  readonly cgroup: Readonly<Record<"v1" | "v2" | "systemd" | "systemdUser" | "rdma", boolean>>;
  readonly seccomp: SeccompFeatures;
  readonly apparmor: Enabled;
  readonly selinux: Enabled;
  readonly intelRdt: Enabled & Readonly<Record<"schemata" | "monitoring", boolean>>;
  readonly memoryPolicy: { readonly modes: readonly string[]; readonly flags: readonly string[] };
  readonly mountExtensions: { readonly idmap: Enabled };
  readonly netDevices: Enabled;
}

export interface SeccompFeatures extends Enabled {
  readonly actions: readonly string[];
  readonly operators: readonly string[];
  readonly archs: readonly string[];
  readonly knownFlags: readonly string[];
  readonly supportedFlags: readonly string[];
}

interface Enabled {
  readonly enabled: boolean;
}

/** What this build can do. Throws SystemError. Source: features.md. */
export function runtimeFeatures(_context: RuntimeContext): Features {
  return featuresOf(kernelAbilities().seccompFlags);
}

/**
 * The features of this build. `kernelSeccompFlags` are the flags of seccomp(2) that the kernel takes: nothing else of
 * the host counts. Pure. Source: features.md, features-linux.md.
 */
export function featuresOf(kernelSeccompFlags: readonly string[]): Features {
  return {
    ociVersionMin: "1.0.0",
    ociVersionMax: SPEC_VERSION,
    hooks: Object.keys(HOOKS),
    mountOptions: mountOptionNames(),
    linux: linuxFeatures(kernelSeccompFlags),
    annotations: {
      "mydocker-runtime.version": VERSION,
      ...(COMMIT !== undefined && { "mydocker-runtime.commit": COMMIT }),
    },
    potentiallyUnsafeConfigAnnotations: [SYSTEMD_PROPERTY_PREFIX, KEEP_GROUPS, MOUNT_CONTEXT_TYPE],
  };
}

/** In the order in which they run. */
const HOOKS: Readonly<Record<keyof Hooks, true>> = {
  prestart: true,
  createRuntime: true,
  createContainer: true,
  startContainer: true,
  poststart: true,
  poststop: true,
};

const SECCOMP_OPERATORS: Readonly<Record<SeccompOperator, true>> = {
  SCMP_CMP_EQ: true,
  SCMP_CMP_GE: true,
  SCMP_CMP_GT: true,
  SCMP_CMP_LE: true,
  SCMP_CMP_LT: true,
  SCMP_CMP_MASKED_EQ: true,
  SCMP_CMP_NE: true,
};

function linuxFeatures(kernelSeccompFlags: readonly string[]): LinuxFeatures {
  return {
    namespaces: Object.keys(NAMESPACES).sort(),
    capabilities: Object.keys(CAPABILITIES),
    cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
    seccomp: seccompFeatures(kernelSeccompFlags),
    apparmor: { enabled: true },
    selinux: { enabled: true },
    intelRdt: { enabled: true, schemata: true, monitoring: true },
    memoryPolicy: { modes: Object.keys(MEMORY_POLICY_MODES), flags: Object.keys(MEMORY_POLICY_FLAGS) },
    mountExtensions: { idmap: { enabled: true } },
    netDevices: { enabled: true },
  };
}

function seccompFeatures(kernelFlags: readonly string[]): SeccompFeatures {
  const knownFlags = Object.keys(SECCOMP_FILTER_FLAGS);
  return {
    enabled: true,
    actions: Object.keys(SECCOMP_ACTIONS).sort(),
    operators: Object.keys(SECCOMP_OPERATORS),
    archs: Object.keys(ARCHITECTURES).sort(),
    knownFlags,
    supportedFlags: knownFlags.filter((flag) => kernelFlags.includes(flag)),
  };
}
