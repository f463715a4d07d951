import { RuntimeError } from "../base/errors.ts";
import type { CgroupFacts } from "../cgroup/facts.ts";
import type { SystemdFacts } from "../cgroup/systemd/scope.ts";
import { pathType, readTextIfExists } from "./files.ts";
import { runProgram } from "./run-program.ts";
import { findInPath } from "./subid.ts";

const FLAG = "--systemd-cgroup";
const CONTROL_GROUP = [
  ...["get-property", "org.freedesktop.systemd1", "/org/freedesktop/systemd1"],
  ...["org.freedesktop.systemd1.Manager", "ControlGroup"],
];

/**
 * Asks for the service manager that is to make a container's cgroup: the host's, or with `user` the caller's own. Throws
 * RuntimeError ERR_NOT_SUPPORTED where there is none. Source: sd_booted(3), busctl(1).
 */
export function probeSystemd(facts: CgroupFacts, user: boolean): SystemdFacts {
  if (pathType("/run/systemd/system") === undefined) {
    throw refusal("systemd is not the first process of this host", "leave it out, and the runtime makes the cgroups");
  }
  const busctl = program("busctl");
  const systemctl = program("systemctl");
  if (!user) return { user, controlGroup: "", controllers: facts.v2?.controllers ?? [], busctl, systemctl };
  if (facts.v2 === undefined) throw refusal("this user's manager has no cgroup v2", "run as root");
  const controlGroup = userControlGroup(busctl);
  const controllers = readTextIfExists(`${facts.v2.mountpoint}${controlGroup}/cgroup.controllers`) ?? "";
  return { user, controlGroup, controllers: controllers.split(/\s+/).filter(Boolean), busctl, systemctl };
}

/** Without a PATH that has them, where Debian and others have them. */
function program(name: string): string {
  const path = findInPath(name, process.env.PATH) ?? findInPath(name);
  if (path === undefined) throw refusal(`the program "${name}" of systemd is not installed`, "install systemd");
  return path;
}

/** The answer reads: s "/user.slice/user-1000.slice/user@1000.service". */
function userControlGroup(busctl: string): string {
  const { status, output } = runProgram(busctl, ["--user", ...CONTROL_GROUP]);
  const path = /^s "(.*)"$/m.exec(output)?.[1];
  if (status === 0 && path !== undefined) return path;
  const fix = "log in with a user manager, and have XDG_RUNTIME_DIR set";
  throw refusal(`this user's service manager does not answer: ${output.split("\n")[0]}`, fix);
}

function refusal(why: string, fix: string): RuntimeError {
  return new RuntimeError("ERR_NOT_SUPPORTED", `Cannot let systemd make the cgroup: ${why}`, { flag: FLAG, fix });
}
