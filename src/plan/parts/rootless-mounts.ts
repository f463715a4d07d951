import { pointerTo } from "../../base/json-pointer.ts";
import { type Problem, shownValue } from "../../base/problem.ts";
import type { Config } from "../../config/types.gen.ts";
import type { NamespaceType } from "../../linux/namespaces.ts";
import type { HostFacts } from "../host-facts.ts";
import type { IdMapping, Mount } from "../plan-input.ts";
import { mountOptions } from "./mounts.ts";
import { hasOwn, isCreated, type NamespaceSet } from "./namespaces.ts";

const SPEC = "config.md#mounts";

/** What cannot be mounted in a new user namespace, and by a caller without privileges. Source: user_namespaces(7). */
export function mountProblems(
  { mounts = [], linux = {} }: Config,
  set: NamespaceSet,
  host: HostFacts,
): readonly Problem[] {
  const isNew = isCreated(set, "user");
  return mounts.flatMap((mount, index) => [
    ...(isNew ? ownerProblem(mount, index, set) : []),
    ...(isNew ? unmappedIds(mount, index, linux) : []),
    ...(host.isPrivileged ? [] : idmapProblem(mount, index)),
  ]);
}

/** These show a namespace, and only who has power over that one may mount them. */
const SHOWN_NAMESPACE: Readonly<Record<string, NamespaceType>> = { sysfs: "network", proc: "pid", mqueue: "ipc" };

function ownerProblem(
  { type = "", destination, options }: Mount,
  index: number,
  set: NamespaceSet,
): readonly Problem[] {
  const shown = SHOWN_NAMESPACE[type];
  if (
    shown === undefined ||
    hasOwn(set, shown) ||
    mountOptions({ type, destination, ...(options && { options }) }).bind
  ) {
    return [];
  }
  const bind = `{"destination": "${destination}", "type": "none", "source": "${SOURCES[type]}", "options": ["rbind", "ro"]}`;
  return [
    {
      code: "MOUNT_OF_OTHERS",
      severity: "error",
      pointer: pointerTo("/mounts", index, "type"),
      value: shownValue(type),
      message: `shows the ${shown} namespace, which is not the container's own: its user namespace gives no power over it`,
      fix: `add {"type": "${shown}"} to /linux/namespaces, or bind the host's: ${bind}`,
      spec: SPEC,
    },
  ];
}

/** Where hosts have them. */
const SOURCES: Readonly<Record<string, string>> = { sysfs: "/sys", proc: "/proc", mqueue: "/dev/mqueue" };

type Mappings = { readonly uidMappings?: readonly IdMapping[]; readonly gidMappings?: readonly IdMapping[] };

/** Options such as "gid=5" name ids of the container, which must be there. Source: tmpfs(5), the kernel's devpts.rst. */
function unmappedIds({ options = [] }: Mount, index: number, mappings: Mappings): readonly Problem[] {
  return options.flatMap((option, place): readonly Problem[] => {
    const [, kind = "", id = ""] = /^([ug]id)=(\d+)$/.exec(option) ?? [];
    if (id === "") return [];
    const list = kind === "uid" ? "uidMappings" : "gidMappings";
    const isMapped = (mappings[list] ?? []).some(
      ({ containerID, size }) => containerID <= Number(id) && Number(id) < containerID + size,
    );
    if (isMapped) return [];
    return [
      {
        code: "MOUNT_ID_UNMAPPED",
        severity: "error",
        pointer: pointerTo("/mounts", index, "options", place),
        value: shownValue(option),
        message: `names an id that /linux/${list} does not map`,
        fix: `leave out "${option}", or map ${id}`,
        spec: SPEC,
      },
    ];
  });
}

function idmapProblem(mount: Mount, index: number): readonly Problem[] {
  if (mountOptions(mount).idmap === false) return [];
  return [
    {
      code: "MOUNT_IDMAP_ROOTLESS",
      severity: "error",
      pointer: pointerTo("/mounts", index),
      message: "asks for mapped ids, which only who has CAP_SYS_ADMIN over the file system's user namespace can give",
      fix: "run as root, or leave out the mappings",
      spec: "config.md#mounts",
    },
  ];
}
