import { pointerTo } from "../../base/json-pointer.ts";
import type { Problem } from "../../base/problem.ts";
import type { Config } from "../../config/types.gen.ts";
import type { HostFacts, RootlessFacts } from "../host-facts.ts";
import { isCreated, type NamespaceSet } from "./namespaces.ts";
import { allowsSetgroups, groupProblems } from "./rootless-groups.ts";
import { idProblems } from "./rootless-ids.ts";
import { mountProblems } from "./rootless-mounts.ts";

/**
 * What a container in a user namespace, or one that is made by another user than the host's root, cannot have; each with
 * what mends it. Source: user_namespaces(7).
 */
export function rootlessProblems(config: Config, set: NamespaceSet, host: HostFacts): readonly Problem[] {
  if (!host.isPrivileged && !set.hasUser) return [missingUserNamespace(host)];
  const linux = config.linux ?? {};
  const isNew = isCreated(set, "user");
  return [
    ...(isNew ? [...sysctlProblems(host), ...idProblems(linux, host)] : []),
    ...mountProblems(config, set, host),
    ...groupProblems(config, allowsSetgroups(set, linux, host)),
    ...(host.isPrivileged ? [] : netDeviceProblems(config)),
  ];
}

/** Whether nothing has to be left out for the caller. */
export function isHostRoot({ isPrivileged, isInitialUserNamespace }: HostFacts): boolean {
  return isPrivileged && isInitialUserNamespace;
}

function missingUserNamespace({ uid, gid }: HostFacts): Problem {
  const mapping = (id: number): string => `[{"containerID": 0, "hostID": ${id}, "size": 1}]`;
  return {
    code: "USER_NAMESPACE_MISSING",
    severity: "error",
    pointer: "/linux/namespaces",
    message: "has no user namespace, and without one only root can make a container",
    fix:
      `add {"type": "user"}, with "uidMappings": ${mapping(uid)} and "gidMappings": ${mapping(gid)} in /linux; ` +
      '"spec --rootless" writes such a config',
    spec: "config-linux.md#namespaces",
  };
}

/** What each kernel parameter must be for an ordinary user to make a user namespace. */
const REQUIRED: Readonly<Record<string, { readonly forbidding: string; readonly instead: string }>> = {
  "user.max_user_namespaces": { forbidding: "0", instead: "15000" },
  "kernel.unprivileged_userns_clone": { forbidding: "0", instead: "1" },
};

/** Under this one AppArmor decides: a program with a profile of its own may still have its capabilities there. */
const APPARMOR = "kernel.apparmor_restrict_unprivileged_userns";

/** A kernel parameter whose value stands in the way of user namespaces, and the line that mends it. */
export interface ForbiddingSysctl {
  /** An error forbids them; a warning leaves the decision to AppArmor, and is none for who is privileged. */
  readonly severity: "error" | "warning";
  readonly name: string;
  readonly value: string;
  readonly effect: string;
  readonly fix: string;
}

/** The parameters of a host that stand in the way of user namespaces. Pure. */
export function forbiddingSysctls(found: RootlessFacts["sysctls"]): readonly ForbiddingSysctl[] {
  const names = Object.keys(REQUIRED).filter((name) => found[name] === REQUIRED[name]?.forbidding);
  const forbidding = names.map((name) => forbiddingSysctl("error", name, found, REQUIRED[name]?.instead ?? ""));
  return found[APPARMOR] === "1" ? [...forbidding, forbiddingSysctl("warning", APPARMOR, found, "0")] : forbidding;
}

function forbiddingSysctl(
  severity: ForbiddingSysctl["severity"],
  name: string,
  found: RootlessFacts["sysctls"],
  instead: string,
): ForbiddingSysctl {
  const effect = severity === "error" ? "forbids user namespaces" : "may leave user namespaces without any power";
  return { severity, name, value: found[name] ?? "", effect, fix: `as root: sysctl -w ${name}=${instead}` };
}

function sysctlProblems({ rootless, isPrivileged }: HostFacts): readonly Problem[] {
  const forbidding = forbiddingSysctls(rootless?.sysctls ?? {});
  const relevant = forbidding.filter(({ severity }) => severity === "error" || !isPrivileged);
  return relevant.map(({ severity, name, value, effect, fix }) => ({
    code: "USER_NAMESPACES_FORBIDDEN",
    severity,
    pointer: "/linux/namespaces",
    message: `has a user namespace, and the kernel parameter ${name} = ${value} ${effect}`,
    fix,
  }));
}

function netDeviceProblems({ linux }: Config): readonly Problem[] {
  return Object.keys(linux?.netDevices ?? {}).map((name) => ({
    code: "NET_DEVICE_ROOTLESS",
    severity: "error",
    pointer: pointerTo("/linux/netDevices", name),
    message: "cannot be moved: the devices of the host's network namespace are root's",
    fix: "run as root",
    spec: "config-linux.md#network-devices",
  }));
}
