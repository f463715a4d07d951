import { readTextIfExists } from "../../sys/files.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { cgroupsPath } from "../config-builder/cgroups-path.ts";
import type { ContainerRecord } from "./record.ts";

/** Where a container's cgroup is in every hierarchy. */
export function containerCgroup({ hostConfig, id, life }: Pick<ContainerRecord, "hostConfig" | "id" | "life">): string {
  return life.cgroup ?? cgroupsPath(hostConfig.CgroupParent, id);
}

/** An ordinary user's cgroups are below what was delegated: where the process is in fact; undefined for root. */
export function delegatedCgroup(pid: number): string | undefined {
  if (!isInUserNamespace()) return undefined;
  return memoryCgroup(readTextIfExists(`/proc/${pid}/cgroup`) ?? "");
}

/** Of the memory controller's hierarchy, or else the unified one. Pure. Source: cgroups(7), "/proc/pid/cgroup". */
export function memoryCgroup(text: string): string | undefined {
  const lines = text.split("\n").map((line) => /^[0-9]+:([^:]*):(\/.*)$/.exec(line) ?? []);
  const of = (controller: string) => lines.find(([, names]) => names?.split(",").includes(controller) === true)?.[2];
  return of("memory") ?? of("");
}
