import type { ExplainedDevice, ExplainedEndpoint, ExplainedPort, Explanation } from "./explanation.ts";

/** An explanation as text: the way out first, then the way in, then what is wrong. Pure. */
export function printExplanation(explanation: Explanation): string {
  const { name, containerId, namespace, endpoints, routes, ports, rules, settings, problems } = explanation;
  const isUser = explanation.userProgram !== undefined;
  return sections([
    [`${name} (${containerId.slice(0, 12)})`, [`namespace ${namespace}`]],
    ...endpoints.map(
      (endpoint) => [`${endpoint.endpoint.device} on ${endpoint.endpoint.network}`, endpointLines(endpoint)] as const,
    ),
    ["routes in the container", routes],
    ["a packet out", isUser ? [USER_WAY] : endpoints.map(wayOut)],
    ["a packet in", ports.flatMap(isUser ? userWayIn : wayIn)],
    ["settings of the host", settings],
    ...rules.map(({ chain, text }) => [`rules: ${chain}`, ruleLines(text)] as const),
    ["problems", problems.length === 0 ? ["none"] : problems],
  ]);
}

function sections(parts: readonly (readonly [title: string, lines: readonly string[]])[]): string {
  const shown = parts.filter(([, lines]) => lines.length > 0);
  return shown.map(([title, lines]) => `${title}\n${lines.map((line) => `    ${line}\n`).join("")}`).join("\n");
}

function endpointLines({ devices, nameServer }: ExplainedEndpoint): readonly string[] {
  const names =
    nameServer === undefined
      ? []
      : [`names: ${nameServer.addresses.join(", ")}${nameServer.isRunning ? "" : " (not running)"}`];
  return [...devices.map(deviceLine), ...names];
}

function deviceLine({ where, name, kind, mac, mtu, isUp, addresses }: ExplainedDevice): string {
  return [where.padEnd(9), name, kind || "device", isUp ? "up" : "DOWN", `mtu ${mtu}`, mac, ...addresses].join("  ");
}

function wayOut({ endpoint, devices, isInternal }: ExplainedEndpoint): string {
  const way = devices.map(({ name }) => name).join(" → ");
  if (endpoint.driver === "macvlan") return `${way} → the parent's network`;
  return isInternal ? `${way} (internal: no further)` : `${way} → forward → postrouting: masquerade`;
}

/** An ordinary user's. */
const USER_WAY = "the container's device → pasta or slirp4netns → sockets of the host";

function userWayIn({ port }: ExplainedPort): readonly string[] {
  return [`${hostEnd(port)} → pasta or slirp4netns → port ${port.containerPort} of the container`];
}

function hostEnd({ hostIp = "*", hostPort, protocol }: ExplainedPort["port"]): string {
  return `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:${hostPort}/${protocol}`;
}

function wayIn({ port, target, rules, isProxyRunning }: ExplainedPort): readonly string[] {
  const from = hostEnd(port);
  return [
    ...rules.map((rule) => `${from} → published: ${rule} → dnat → forward → ${target}`),
    ...(isProxyRunning ? [`${from} on [::1], or by IPv6 to a container without → port proxy → ${target}`] : []),
  ];
}

/** Without the table's and the chain's own lines. */
function ruleLines(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && line !== "}" && !/^(table|chain) /.test(line));
}
