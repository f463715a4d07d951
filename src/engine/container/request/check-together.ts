import type { ContainerFlags } from "./container-flags.ts";
import { usage } from "./usage.ts";

/** Refuses flags that contradict each other, in docker's words. Pure. Throws EngineError. Source: docker-run(1). */
export function checkTogether(flags: ContainerFlags, networkMode: string): void {
  if (flags.uts === "host" && isGiven(flags.hostname)) throw conflict("hostname and the UTS mode", "--hostname");
  if (!networkMode.startsWith("container:")) return;
  const asked = (
    [
      [isGiven(flags.hostname), "hostname and the network mode", "--hostname"],
      [flags.dns.length > 0, "dns and the network mode", "--dns"],
      [flags["add-host"].length > 0, "custom host-to-IP mapping and the network mode", "--add-host"],
      [isGiven(flags["mac-address"]), "mac-address and the network mode", "--mac-address"],
      [flags.publish.length > 0, "port publishing and the container type network mode", "--publish"],
      [flags["publish-all"], "port publishing and the container type network mode", "--publish-all"],
      [flags.expose.length > 0, "port exposing and the container type network mode", "--expose"],
    ] as const
  ).find(([isAsked]) => isAsked);
  if (asked !== undefined) throw conflict(asked[1], asked[2]);
}

function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}

function conflict(what: string, flag: string): Error {
  return usage(`conflicting options: ${what}`, flag);
}
