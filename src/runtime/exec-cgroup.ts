import { UsageError } from "../base/errors.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { type CgroupFacts, ownDirectory } from "../cgroup/facts.ts";
import type { StoredState } from "../state/schema.ts";
import { pathType, readTextIfExists } from "../sys/files.ts";

/**
 * The cgroups that another process of a container goes to: the container's, or those below them that the `wanted` list
 * names as "PATH" (everywhere) or "CONTROLLER,...:PATH". Throws UsageError for a list that contradicts itself or leads
 * out of the container.
 */
export function execCgroups(state: StoredState, wanted: readonly string[], facts: CgroupFacts): CgroupPaths {
  if (wanted.length === 0) return withReachableV2(state, facts);
  const below = subPaths(wanted);
  const { v1, v2 } = state.cgroup;
  const [onV1 = "", onV2 = ""] = isUnified(v1) ? ["", below.get("")] : [below.get("")];
  const unknown = [...below.keys()].find((controller) => controller !== "" && v1[controller] === undefined);
  if (unknown !== undefined) {
    throw refusal(
      `unknown controller ${JSON.stringify(unknown)}`,
      "name a cgroup v1 controller that the container has",
    );
  }
  const placed = Object.entries(v1).map(([controller, directory]) => {
    return [controller, directory + (below.get(controller) ?? onV1)] as const;
  });
  return { v1: Object.fromEntries(placed), ...(v2 !== undefined && { v2: v2 + onV2 }) };
}

/** Beside v1 the v2 cgroup has no controllers, and nobody makes cgroups below it. */
function isUnified(v1: CgroupPaths["v1"]): boolean {
  return Object.keys(v1).every((controller) => controller.startsWith("name="));
}

/** Each controller's path below the container's cgroup, with its slash in front; "" is the key for all of them. */
function subPaths(wanted: readonly string[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const text of wanted) {
    const colon = text.indexOf(":");
    if (colon === -1 && wanted.length > 1) {
      throw refusal(`${JSON.stringify(text)} has no controllers in front`, 'write "CONTROLLER:PATH" for each');
    }
    for (const controller of colon === -1 ? [""] : text.slice(0, colon).split(",")) {
      if (paths.has(controller)) throw refusal(`the controller "${controller}" is there twice`, "give each one path");
      if (colon !== -1 && controller === "") throw refusal(`${JSON.stringify(text)} names no controller`, "name one");
      paths.set(controller, subPath(text.slice(colon + 1)));
    }
  }
  return paths;
}

/** Throws UsageError where a cgroup that the `wanted` list names is not there. The words are runc's, short of those of a missing command. */
export function checkExecCgroups({ v1, v2 }: CgroupPaths, wanted: readonly string[]): void {
  if (wanted.length === 0) return;
  const files = [...Object.values(v1), ...(v2 === undefined ? [] : [v2])].map((path) => `${path}/cgroup.procs`);
  const missing = files.find((path) => pathType(path) === undefined);
  if (missing === undefined) return;
  throw new UsageError(`error adding pid of the process to ${missing}: no such file`, {
    flag: "--cgroup",
    fix: "create the cgroup before",
  });
}

function subPath(path: string): string {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw refusal(`${path} is not a sub cgroup path`, 'leave out ".."');
  return names.map((name) => `/${name}`).join("");
}

function refusal(what: string, fix: string): UsageError {
  return new UsageError(`invalid --cgroup argument: ${what}`, { flag: "--cgroup", fix });
}

/**
 * A v2 cgroup that gives controllers to cgroups below it takes no processes. The container's init has made it so and
 * moved on, as systemd does: the new process goes where the init went. Source: cgroups(7), "no internal processes".
 */
function withReachableV2({ cgroup, pid }: StoredState, { v2: facts }: CgroupFacts): CgroupPaths {
  if (cgroup.v2 === undefined || facts === undefined) return cgroup;
  if ((readTextIfExists(`${cgroup.v2}/cgroup.subtree_control`) ?? "").trim() === "") return cgroup;
  const line = (readTextIfExists(`/proc/${pid}/cgroup`) ?? "").split("\n").find((entry) => entry.startsWith("0::"));
  const directory = line === undefined ? undefined : ownDirectory({ ...facts, ownPath: line.slice("0::".length) });
  return directory === undefined ? cgroup : { ...cgroup, v2: directory };
}
