import { fine, type HostFinding, lacking } from "../base/host-finding.ts";
import { forbiddingSysctls } from "../plan/parts/rootless.ts";
import { subordinateReport } from "../plan/parts/rootless-ids.ts";
import type { DoctorFacts } from "./doctor-facts.ts";

/** Who the caller is, and what ordinary users can do here. Pure. Source: user_namespaces(7). */
export function userFindings(facts: DoctorFacts): readonly HostFinding[] {
  return [callerFinding(facts), ...namespaceFindings(facts), idFinding("uid", facts), idFinding("gid", facts)];
}

function callerFinding({ host, rootless }: DoctorFacts): HostFinding {
  const who = `${rootless.user} (uid ${host.uid})`;
  if (!host.isPrivileged) return fine("caller", `${who}: containers are in user namespaces`);
  return fine("caller", host.isInitialUserNamespace ? `${who}, with CAP_SYS_ADMIN` : `${who} of a user namespace`);
}

/** They matter for whoever has no other way to make a container, and for users that root's host has. */
function namespaceFindings({ host, rootless }: DoctorFacts): readonly HostFinding[] {
  const found = forbiddingSysctls(rootless.sysctls);
  if (found.length === 0) {
    const seen = Object.entries(rootless.sysctls).map(([name, value]) => `${name} = ${value}`);
    return [fine("user namespaces", seen.join(", ") || "no kernel parameter forbids them")];
  }
  return found.map(({ severity, name, value, effect, fix }) =>
    lacking(severity === "error" && !host.isPrivileged ? "missing" : "warning", {
      name: "user namespaces",
      seen: `${name} = ${value}`,
      effect: `${effect}${host.isPrivileged ? ": ordinary users cannot make containers" : ""}`,
      fix,
    }),
  );
}

function idFinding(kind: "uid" | "gid", { host, rootless }: DoctorFacts): HostFinding {
  const { program, isInstalled, count, fix } = subordinateReport(kind, host.uid, rootless);
  const name = kind === "uid" ? "user ids" : "group ids";
  if (!isInstalled) {
    const effect = "an ordinary user's containers have one id, that of their root";
    return lacking("warning", { name, seen: `${program} is not installed`, effect, fix });
  }
  // Root of the first user namespace maps whatever it likes.
  if (host.isPrivileged) return fine(name, `${program} is installed`);
  if (count === Number.POSITIVE_INFINITY) return fine(name, `${program}, by a directory service`);
  if (count > 0) return fine(name, `${count} subordinate ones for "${rootless.user}"`);
  const effect = "the user's containers have one id, that of their root: files and processes of others cannot be";
  return lacking("warning", { name, seen: `no subordinate ones for "${rootless.user}"`, effect, fix });
}
