import type { Config, LinuxConfig, Seccomp } from "../../config/types.gen.ts";
import { defaultSeccompProfile } from "../../seccomp/default-profile.ts";
import type { BundleInput } from "./bundle-input.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { cgroupsPath } from "./cgroups-path.ts";
import { devicesOf } from "./devices.ts";
import { namespacesOf } from "./namespaces.ts";
import { MASKED_PATHS, READONLY_PATHS, restrictsPaths } from "./paths.ts";
import { processOf } from "./process.ts";
import { resourcesOf } from "./resources.ts";
import { systemMounts } from "./system-mounts.ts";

/**
 * The config.json of a container, for any OCI runtime: a pure function of what was asked for and of what the host is.
 * Throws EngineError, with the flag, for what cannot be.
 */
export function buildConfig(input: BundleInput): Config {
  const { config, hostConfig, uts, id } = input;
  const capabilities = capabilitiesOf({
    add: hostConfig.CapAdd,
    drop: hostConfig.CapDrop,
    privileged: hostConfig.Privileged,
    known: input.host.capabilities,
  });
  return {
    // What runc 1.1 and crun 1.8 know.
    ociVersion: "1.0.2",
    process: processOf(input, capabilities),
    root: { path: input.rootfs, readonly: hostConfig.ReadonlyRootfs },
    ...(uts === "new" && { hostname: config.Hostname }),
    mounts: [...systemMounts(input), ...input.mounts],
    annotations: { "org.mydocker.container": id, ...hostConfig.Annotations },
    linux: linuxOf(input, capabilities),
  };
}

function linuxOf(input: BundleInput, capabilities: readonly string[]): LinuxConfig {
  const { hostConfig, id } = input;
  const devices = devicesOf(input);
  const seccomp = seccompOf(input, capabilities);
  return {
    namespaces: namespacesOf(input),
    cgroupsPath: cgroupsPath(hostConfig.CgroupParent, id),
    ...(handsMountsOn(input) && { rootfsPropagation: "shared" as const }),
    ...sysctlsOf(input),
    ...(devices.length > 0 && { devices }),
    resources: resourcesOf(input),
    ...(seccomp !== undefined && { seccomp }),
    ...(restrictsPaths(hostConfig) && { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS }),
  };
}

/** Whether mounts made in the container are to reach the host: no mount does that below a root that keeps them. */
function handsMountsOn({ mounts }: BundleInput): boolean {
  return mounts.some(({ options = [] }) => options.includes("shared") || options.includes("rshared"));
}

/** Without privileges, also ping and low ports: as docker does, where the network is the container's own. */
function sysctlsOf({ hostConfig, network, host, config, uts }: BundleInput): Pick<LinuxConfig, "sysctl"> {
  const hasOwnNetwork = network !== "host" && host.rootless === undefined && hostConfig.UsernsMode === "";
  const sysctl = {
    ...(hasOwnNetwork && { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" }),
    ...(config.Domainname !== "" && uts === "new" && { "kernel.domainname": config.Domainname }),
    ...hostConfig.Sysctls,
  };
  return Object.keys(sysctl).length === 0 ? {} : { sysctl };
}

function seccompOf({ seccomp, hostConfig, host }: BundleInput, capabilities: readonly string[]): Seccomp | undefined {
  if (seccomp === "unconfined" || hostConfig.Privileged) return undefined;
  // A profile that was named is the runtime's to check.
  if (seccomp !== undefined) return seccomp as Seccomp;
  return defaultSeccompProfile(host.arch, capabilities);
}
