import type { SeccompArch } from "../../config/types.gen.ts";
import { CAPABILITIES } from "../../linux/capabilities.ts";
import type { SubordinateRange } from "../../plan/host-facts.ts";
import { pathType, readTextIfExists } from "../../sys/files.ts";
import { nativeArchitecture, probeHost } from "../../sys/probe-host.ts";
import { probeRootless } from "../../sys/subid.ts";
import type { BundleHost, IdRangeMapping } from "../config-builder/bundle-input.ts";

/** Reads what a bundle depends on. Throws SystemError. */
export function bundleHost(): BundleHost {
  const host = probeHost();
  const isCgroup2 = host.cgroup.v1.length === 0;
  const isRoot = host.uid === 0 && host.isInitialUserNamespace;
  return {
    // nativeArchitecture gives names that linux.seccomp has.
    arch: nativeArchitecture() as SeccompArch,
    isCgroup2,
    hasSwapAccounting: isCgroup2 || pathType(memswPath()) !== undefined,
    hasAppArmor: (readTextIfExists("/sys/module/apparmor/parameters/enabled") ?? "").startsWith("Y"),
    cpuCount: process.getBuiltinModule("node:os").availableParallelism(),
    capabilities: Object.keys(CAPABILITIES).filter(
      (name) => !isRoot || ((host.capabilities >> BigInt(CAPABILITIES[name] ?? 0)) & 1n) === 1n,
    ),
    ...(!isRoot && { rootless: rootlessIds(host.uid, host.gid) }),
  };
}

function memswPath(): string {
  return "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes";
}

/** The caller becomes root, and its subordinate ids follow. Source: subuid(5). */
function rootlessIds(uid: number, gid: number): NonNullable<BundleHost["rootless"]> {
  const facts = probeRootless(uid);
  const isOwn = ({ owner }: SubordinateRange) => owner === facts.user || owner === String(uid);
  const canMap = facts.uid.program !== undefined && facts.gid.program !== undefined;
  return {
    uids: mapping(uid, canMap ? (facts.uid.ranges ?? []).filter(isOwn) : []),
    gids: mapping(gid, canMap ? (facts.gid.ranges ?? []).filter(isOwn) : []),
  };
}

function mapping(own: number, ranges: readonly SubordinateRange[]): readonly IdRangeMapping[] {
  const mappings: IdRangeMapping[] = [{ containerID: 0, hostID: own, size: 1 }];
  let next = 1;
  for (const { first, count } of ranges) {
    mappings.push({ containerID: next, hostID: first, size: count });
    next += count;
  }
  return mappings;
}
