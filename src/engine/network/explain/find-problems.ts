import type { ForeignDrop } from "../rules/firewall.ts";
import type { SandboxRecord } from "../sandbox/sandbox-record.ts";
import type { Explanation } from "./explanation.ts";

/** Compares what is with what must be. Pure. */
export function findProblems(
  record: SandboxRecord,
  facts: Omit<Explanation, "problems">,
  drops: readonly ForeignDrop[],
): readonly string[] {
  if (facts.userProgram !== undefined) {
    return facts.userProgram.isRunning ? [] : ["the way out, pasta or slirp4netns, does not run"];
  }
  const leavesHost = facts.endpoints.some(({ endpoint, isInternal }) => endpoint.driver === "bridge" && !isInternal);
  const asksNames = facts.endpoints.some(({ nameServer }) => nameServer !== undefined);
  return [
    ...facts.endpoints.flatMap((endpoint) => deviceProblems(endpoint)),
    ...(leavesHost ? forwardingProblems(facts, drops) : []),
    ...(asksNames ? drops.filter(({ hook }) => hook === "input").map(nameProblem) : []),
    ...facts.ports.flatMap(({ port, rules, isProxyRunning }) => [
      ...(rules.length === 0
        ? [`port ${port.hostPort}/${port.protocol} of the host has no rule: restart the container`]
        : []),
      ...(isProxyRunning
        ? []
        : [`nothing holds port ${port.hostPort}/${port.protocol} of the host, and [::1] is not served`]),
    ]),
    ...(record.ports.length > 0 && facts.rules.length === 0 ? ["the table of rules is gone"] : []),
  ];
}

function nameProblem({ chain }: ForeignDrop): string {
  return `${chain} may drop what containers ask the name server`;
}

function deviceProblems({ endpoint, devices, nameServer }: Explanation["endpoints"][number]): readonly string[] {
  const wanted = endpoint.driver === "bridge" ? 3 : 2;
  const missing = devices.length < wanted ? [`a device of ${endpoint.device} on "${endpoint.network}" is gone`] : [];
  const down = devices.filter(({ isUp }) => !isUp).map(({ name, where }) => `${name} of the ${where} is down`);
  const inside = devices.find(({ where }) => where === "container");
  const lost = [endpoint.address, endpoint.address6].flatMap((address) =>
    address === undefined || inside === undefined || inside.addresses.includes(address)
      ? []
      : [`${inside.name} has lost its address ${address}`],
  );
  const silent = nameServer?.isRunning === false ? [`the name server of "${endpoint.network}" does not run`] : [];
  return [...missing, ...down, ...lost, ...silent];
}

function forwardingProblems(
  { settings }: Omit<Explanation, "problems">,
  drops: readonly ForeignDrop[],
): readonly string[] {
  const off = settings.includes("net.ipv4.ip_forward = 0")
    ? ["the host does not forward: net.ipv4.ip_forward is 0"]
    : [];
  const chains = drops.filter(({ hook }) => hook === "forward").map(({ chain }) => chain);
  return [...off, ...chains.map((chain) => `${chain} may drop what goes to and from containers`)];
}
