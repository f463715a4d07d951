import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import type { Peer } from "./peers.ts";
import { EXECUTABLE, RUNTIME } from "./runtime-under-test.ts";

/** Says why a test cannot run here, or undefined. */
export type Need = () => string | undefined;

export const needsRoot: Need = () => unless(process.geteuid?.() === 0, "needs root");

/** What only this project's runtime has. */
export const needsOurs: Need = () => unless(RUNTIME.name === "ours", "is about mydocker-runtime's own ways");

/** The executable, and not its JavaScript in Node, which heeds variables of its own. */
export const needsExecutable: Need = () =>
  needsOurs() ?? unless(RUNTIME.path === EXECUTABLE, "is about the executable that the build makes");

/** Any runtime but our JavaScript in Node, which has a way of its own that is not ours to change. */
export function needsNoNode(way: string): Need {
  return () => unless(RUNTIME.name !== "ours" || RUNTIME.path === EXECUTABLE, `Node ${way}`);
}

/** A cgroup v1 hierarchy of this controller, mounted below /sys/fs/cgroup. */
export function needsCgroupV1(controller: string): Need {
  return () => unless(cgroupV1Directory(controller) !== undefined, `needs the cgroup v1 controller "${controller}"`);
}

/** A controller of the unified hierarchy. */
export function needsCgroupV2(controller: string): Need {
  return () => {
    const unified = cgroupMounts().find(({ type }) => type === "cgroup2");
    const file = `${unified?.path}/cgroup.controllers`;
    const controllers = unified === undefined ? "" : readFileSync(file, "utf8").trim();
    return unless(controllers.split(" ").includes(controller), "needs cgroup v2's controllers, and has v1's");
  };
}

/** Source: sd_booted(3). */
export const needsSystemd: Need = () => unless(existsSync("/run/systemd/system"), "needs systemd as the first process");

/** criu works on some kernels only, and says so itself. */
export const needsCriu: Need = () => {
  const { status, stdout, stderr } = spawnSync("criu", ["check"], { encoding: "utf8" });
  if (status === 0) return undefined;
  return `needs criu: ${`${stdout ?? ""}${stderr ?? ""}`.trim().split("\n")[0] || "it is not installed"}`;
};

export function needsKernel(major: number, minor: number): Need {
  return () => {
    const [hasMajor = 0, hasMinor = 0] = release().split(".").map(Number);
    return unless(hasMajor > major || (hasMajor === major && hasMinor >= minor), `needs Linux ${major}.${minor}`);
  };
}

export function needsProgram(name: string): Need {
  return () => unless(findProgram(name) !== undefined, `needs the program "${name}"`);
}

/** A capability that this process may hand on, by its number (capabilities(7)). */
export function needsCapability(name: string, number: number): Need {
  return () => {
    const mask = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    return unless(((BigInt(`0x${mask}`) >> BigInt(number)) & 1n) === 1n, `needs ${name}`);
  };
}

/** A namespace kind that the kernel has: the name of its file in /proc/self/ns. */
export function needsNamespace(file: string): Need {
  return () => unless(existsSync(`/proc/self/ns/${file}`), `needs ${file} namespaces`);
}

export const needsUserNamespaces: Need = () => {
  const file = "/proc/sys/user/max_user_namespaces";
  return unless(existsSync(file) && readFileSync(file, "utf8").trim() !== "0", "needs user namespaces");
};

/** A host on which this runtime makes any container: crun wants all controllers in one version of the cgroups. */
export function needsHostOf({ name }: Peer): Need {
  return () => {
    const controllers = name === "crun" ? strayControllers() : "";
    return unless(controllers === "", `crun refuses a host with "${controllers}" in the unified hierarchy beside v1`);
  };
}

/** The controllers of the unified hierarchy, where there are version 1 hierarchies as well. */
function strayControllers(): string {
  const unified = cgroupMounts().find(({ type }) => type === "cgroup2");
  if (unified === undefined || cgroupMounts().length === 1) return "";
  return readFileSync(`${unified.path}/cgroup.controllers`, "utf8").trim();
}

/** A file or directory of the host. */
export function needsPath(path: string): Need {
  return () => unless(existsSync(path), `needs ${path}`);
}

/** Where a v1 controller is mounted, or undefined. */
export function cgroupV1Directory(controller: string): string | undefined {
  return cgroupMounts().find(({ type, options }) => type === "cgroup" && options.includes(controller))?.path;
}

interface CgroupMount {
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
}

function cgroupMounts(): readonly CgroupMount[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [type = "", , options = ""] = after.split(" ");
      return { path: before.split(" ")[4] ?? "", type, options: options.split(",") };
    })
    .filter(({ type }) => type === "cgroup" || type === "cgroup2");
}

function unless(isMet: boolean, reason: string): string | undefined {
  return isMet ? undefined : reason;
}
