import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { type CgroupFacts, isUnifiedHost } from "../cgroup/facts.ts";
import type { Config } from "../config/types.gen.ts";
import { NAMESPACES } from "../linux/namespaces.ts";
import { mountOptions, mountTarget, sourcePath } from "../plan/parts/mounts.ts";

/** Something of the host's in a container, which criu does not put into its images. */
export interface ExternalMount {
  readonly target: string;
  /** What is mounted there again when the container is restored. */
  readonly source: string;
}

/** A namespace that the config names by path, in the words of criu. */
export interface ExternalNamespace {
  readonly kind: "net" | "pid";
  readonly path: string;
  /** What its image calls it. */
  readonly key: string;
}

/** The container, as far as it decides on what is external. */
export interface ExternalInput {
  readonly config: Config;
  readonly bundle: string;
  readonly rootfs: string;
  readonly facts: CgroupFacts;
  readonly cgroup: CgroupPaths;
}

/** The mounts whose source is the host's: bind mounts, and cgroups where the container has no cgroup namespace. */
export function externalMounts({ config, bundle, rootfs, facts, cgroup }: ExternalInput): readonly ExternalMount[] {
  const hasCgroupNamespace = config.linux?.namespaces?.some(({ type }) => type === "cgroup") === true;
  return (config.mounts ?? []).flatMap((mount): readonly ExternalMount[] => {
    const target = mountTarget(mount, { rootfs });
    const { bind, remount } = mountOptions(mount);
    if (bind !== false && !remount) return [{ target, source: sourcePath(mount, bundle) }];
    const isCgroup = mount.type === "cgroup" || mount.type === "cgroup2";
    return isCgroup && !hasCgroupNamespace ? cgroupMounts(target, facts, cgroup) : [];
  });
}

/** As src/plan/parts/cgroup-mounts.ts binds them. */
function cgroupMounts(target: string, facts: CgroupFacts, { v1, v2 }: CgroupPaths): readonly ExternalMount[] {
  if (isUnifiedHost(facts)) return v2 === undefined ? [] : [{ target, source: v2 }];
  return facts.v1.flatMap(({ controllers, name }): readonly ExternalMount[] => {
    const source = v1[name === undefined ? (controllers[0] ?? "") : `name=${name}`];
    return source === undefined ? [] : [{ target: `${target}/${name ?? controllers.join()}`, source }];
  });
}

/** The other namespaces that the config names by path, as criu is told to join them: "uts:/path". */
export function joinedNamespaces(config: Config): readonly string[] {
  return (config.linux?.namespaces ?? []).flatMap(({ type, path }): readonly string[] => {
    if (path === undefined || path === "" || type === "network" || type === "pid") return [];
    return [`${NAMESPACES[type].procFile}:${path}`];
  });
}

/** The network and pid namespaces that the config names by path: others made them, and others keep them. */
export function externalNamespaces(config: Config): readonly ExternalNamespace[] {
  return (config.linux?.namespaces ?? []).flatMap(({ type, path }): readonly ExternalNamespace[] => {
    if (path === undefined || path === "") return [];
    if (type === "network") return [{ kind: "net", path, key: "extRootNetNS" }];
    return type === "pid" ? [{ kind: "pid", path, key: "extRootPidNS" }] : [];
  });
}
