import { RuntimeError } from "../base/errors.ts";
import type { CgroupFacts } from "../cgroup/facts.ts";
import type { SystemdFacts } from "../cgroup/systemd/scope.ts";
import { pathType, readTextIfExists } from "./files.ts";
import { findInPath } from "./find-in-path.ts";
import { runProgram } from "./run-program.ts";

const FLAG = "--systemd-cgroup";
const MANAGER = ["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"];

export interface SystemdQuestion {
  /** The caller's own manager, and not the host's. */
  readonly user: boolean;
  /** Whether its version is to be known. */
  readonly asksForVersion: boolean;
}

/**
 * Asks for the service manager that is to make a container's cgroup. Throws RuntimeError ERR_NOT_SUPPORTED where there
 * is none. Source: sd_booted(3), busctl(1).
 */
export function probeSystemd(facts: CgroupFacts, { user, asksForVersion }: SystemdQuestion): SystemdFacts {
  if (pathType("/run/systemd/system") === undefined) {
    throw refusal("systemd is not the first process of this host", "leave it out, and the runtime makes the cgroups");
  }
  const busctl = systemdProgram("busctl");
  const programs = { user, busctl, systemctl: systemdProgram("systemctl") };
  const version = asksForVersion ? { version: managerVersion(busctl, user) } : {};
  if (!user) return { ...programs, ...version, controlGroup: "", controllers: facts.v2?.controllers ?? [] };
  if (facts.v2 === undefined) throw refusal("this user's manager has no cgroup v2", "run as root");
  // Such as "/user.slice/user-1000.slice/user@1000.service".
  const controlGroup = managerProperty(busctl, user, "ControlGroup");
  const controllers = readTextIfExists(`${facts.v2.mountpoint}${controlGroup}/cgroup.controllers`) ?? "";
  return { ...programs, ...version, controlGroup, controllers: controllers.split(/\s+/).filter(Boolean) };
}

/** The path of one of its programs; without a PATH that has it, where Debian and others have it. Throws as above. */
export function systemdProgram(name: "busctl" | "systemctl"): string {
  const path = findInPath(name, process.env.PATH) ?? findInPath(name);
  if (path === undefined) throw refusal(`the program "${name}" of systemd is not installed`, "install systemd");
  return path;
}

/** The number at the start of such as "252.39-1~deb12u2". */
function managerVersion(busctl: string, user: boolean): number {
  return Number.parseInt(managerProperty(busctl, user, "Version"), 10) || 0;
}

/** The answer reads: s "text". */
function managerProperty(busctl: string, user: boolean, name: string): string {
  const { status, output } = runProgram(busctl, [user ? "--user" : "--system", "get-property", ...MANAGER, name]);
  const text = /^s "(.*)"$/m.exec(output)?.[1];
  if (status === 0 && text !== undefined) return text;
  const fix = user ? "log in with a user manager, and have XDG_RUNTIME_DIR set" : "see that systemd's bus is up";
  throw refusal(`${user ? "this user's" : "the"} service manager does not answer: ${output.split("\n")[0]}`, fix);
}

function refusal(why: string, fix: string): RuntimeError {
  return new RuntimeError("ERR_NOT_SUPPORTED", `Cannot let systemd make the cgroup: ${why}`, { flag: FLAG, fix });
}
