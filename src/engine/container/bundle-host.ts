import type { SeccompArch } from "../../config/types.gen.ts";
import { CAPABILITIES } from "../../linux/capabilities.ts";
import { pathType, readText, readTextIfExists } from "../../sys/files.ts";
import { nativeArchitecture, probeHost } from "../../sys/probe-host.ts";
import { parseIdMap } from "../../sys/subid.ts";
import type { BundleHost } from "../config-builder/bundle-input.ts";

/** Reads what a bundle depends on. Throws SystemError. */
export function bundleHost(): BundleHost {
  const host = probeHost();
  const isCgroup2 = host.cgroup.v1.length === 0;
  const memory = host.cgroup.v1.find(({ controllers }) => controllers.includes("memory"));
  return {
    // nativeArchitecture gives names that linux.seccomp has.
    arch: nativeArchitecture() as SeccompArch,
    isCgroup2,
    hasCgroups: [...host.cgroup.v1, host.cgroup.v2].some((hierarchy) => hierarchy?.writable === true),
    hasSwapAccounting: isCgroup2 || (memory !== undefined && pathType(`${memory.mountpoint}/${MEMSW}`) !== undefined),
    hasAppArmor: (readTextIfExists("/sys/module/apparmor/parameters/enabled") ?? "").startsWith("Y"),
    // Node's module takes longer to load than the rest of a bundle to make, and few ask.
    get cpuCount() {
      return process.getBuiltinModule("node:os").availableParallelism();
    },
    capabilities: Object.keys(CAPABILITIES).filter(
      (name) => ((host.capabilities >> BigInt(CAPABILITIES[name] ?? 0)) & 1n) === 1n,
    ),
    ...(!host.isInitialUserNamespace && { rootless: { gids: parseIdMap(readText("/proc/self/gid_map")) } }),
  };
}

/** Of version 1: only a kernel that accounts swap has it. */
const MEMSW = "memory.memsw.limit_in_bytes";
