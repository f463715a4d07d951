/** The cgroup of a container of root, below which every container has its own. */
export const CGROUP_PARENT = "/mydocker";

/** Where a container's cgroup is in every hierarchy. */
export function cgroupsPath(parent: string, id: string): string {
  return `${parent === "" ? CGROUP_PARENT : `/${parent.replace(/^\/+|\/+$/g, "")}`}/${id}`;
}
