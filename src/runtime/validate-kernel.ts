import { pointerTo } from "../base/json-pointer.ts";
import type { Problem } from "../base/problem.ts";
import type { Config, Seccomp } from "../config/types.gen.ts";
import { parseMountOptions } from "../linux/mount-options.ts";
import type { KernelAbilities } from "../sys/probe-features.ts";

/** What this kernel lacks of what a config asks for. Pure. */
export function kernelProblems(config: Config, kernel: KernelAbilities): readonly Problem[] {
  return [
    ...ageProblems(kernel),
    ...namespaceProblems(config, kernel),
    ...filesystemProblems(config, kernel),
    ...seccompProblems(config.linux?.seccomp, kernel),
  ];
}

/** Every mount is made by calls that came together: a kernel without one has none of them. */
function ageProblems({ hasMountSetattr, release }: KernelAbilities): readonly Problem[] {
  if (hasMountSetattr) return [];
  return [
    {
      code: "KERNEL_TOO_OLD",
      severity: "error",
      pointer: "",
      message: `cannot be used on Linux ${release}: this runtime needs mount_setattr(2), which came with Linux 5.12`,
    },
  ];
}

function namespaceProblems({ linux }: Config, { namespaces, release }: KernelAbilities): readonly Problem[] {
  return (linux?.namespaces ?? []).flatMap(({ type }, index): readonly Problem[] =>
    namespaces.includes(type)
      ? []
      : [
          {
            code: "KERNEL_NAMESPACE",
            severity: "error",
            pointer: pointerTo("/linux/namespaces", index),
            value: JSON.stringify(type),
            message: `is a namespace that this kernel (Linux ${release}) does not have`,
            spec: "config-linux.md#namespaces",
          },
        ],
  );
}

/** What is not in /proc/filesystems may be in a module, which the first mount loads. */
function filesystemProblems(
  { mounts = [] }: Config,
  { filesystems, hasModules, release }: KernelAbilities,
): readonly Problem[] {
  return mounts.flatMap(({ type = "", options = [] }, index): readonly Problem[] => {
    const { bind, remount } = parseMountOptions(options);
    const isNamed = type === "bind" || type === "cgroup" || bind !== false || remount;
    if (isNamed || filesystems.includes(type)) return [];
    return [
      {
        code: "KERNEL_FILESYSTEM",
        severity: hasModules ? "warning" : "error",
        pointer: pointerTo("/mounts", index, "type"),
        value: JSON.stringify(type),
        message: hasModules
          ? "is not in /proc/filesystems: it can be mounted only if the kernel finds a module for it"
          : `is a filesystem that this kernel (Linux ${release}, without modules) does not have`,
        spec: "config.md#posix-platform-mounts",
      },
    ];
  });
}

function seccompProblems(seccomp: Seccomp | undefined, kernel: KernelAbilities): readonly Problem[] {
  if (seccomp === undefined) return [];
  const { defaultAction, syscalls = [], flags = [] } = seccomp;
  const actions = [
    [pointerTo("/linux/seccomp", "defaultAction"), defaultAction] as const,
    ...syscalls.map(({ action }, index) => [pointerTo("/linux/seccomp/syscalls", index, "action"), action] as const),
  ];
  const named = flags.map((flag, index) => [pointerTo("/linux/seccomp/flags", index), flag] as const);
  return [
    ...actions.filter(([, action]) => !kernel.seccompActions.includes(action)),
    ...named.filter(([, flag]) => !kernel.seccompFlags.includes(flag)),
  ].map(([pointer, name]) => ({
    code: "KERNEL_SECCOMP",
    severity: "error",
    pointer,
    value: JSON.stringify(name),
    message: `is not known to this kernel (Linux ${kernel.release})`,
    spec: "config-linux.md#seccomp",
  }));
}
