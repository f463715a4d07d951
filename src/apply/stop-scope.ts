import { pathType } from "../sys/files.ts";
import { findInPath } from "../sys/find-in-path.ts";
import { runProgram } from "../sys/run-program.ts";

/**
 * Stops a scope and waits until systemd has forgotten it, so that its name is free. Systemd removes one without processes
 * by itself: that it knows none of this name is as good, and so is a host without systemd. Source: systemctl(1).
 */
export function stopScope(unit: string, user: boolean): void {
  const systemctl = findInPath("systemctl", process.env.PATH) ?? findInPath("systemctl");
  if (systemctl === undefined || pathType("/run/systemd/system") === undefined) return;
  runProgram(systemctl, [user ? "--user" : "--system", "--quiet", "stop", unit]);
}
