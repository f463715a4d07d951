import type { IptablesState } from "./iptables-state.ts";
import { isEmptyState } from "./iptables-state.ts";
import { familyOf } from "./network-rules.ts";
import { type PortTarget, portTargets } from "./published-ports.ts";

/**
 * The rules of this engine as iptables-restore(8) takes them: the same as those of nft-base-rules.ts, in chains of their
 * own that the kernel's chains jump to. Source: iptables(8), iptables-extensions(8).
 */
interface Chain {
  readonly table: "raw" | "nat" | "filter";
  /** The end of its name. */
  readonly name: string;
  /** The chain of the kernel's that jumps to it. */
  readonly hook?: string;
}

export const IPTABLES_CHAINS: readonly Chain[] = [
  { table: "raw", name: "GUARD", hook: "PREROUTING" },
  { table: "nat", name: "PREROUTING", hook: "PREROUTING" },
  { table: "nat", name: "OUTPUT", hook: "OUTPUT" },
  { table: "nat", name: "PUBLISHED" },
  { table: "nat", name: "POSTROUTING", hook: "POSTROUTING" },
  { table: "nat", name: "MASQUERADE" },
  { table: "filter", name: "INPUT", hook: "INPUT" },
  { table: "filter", name: "FORWARD", hook: "FORWARD" },
];

export interface IptablesInput {
  readonly state: IptablesState;
  readonly family: 4 | 6;
  /** What the names of the chains begin with. */
  readonly prefix: string;
  /** The chains that are jumped to now: "nat MYDOCKER-OUTPUT". */
  readonly jumps: ReadonlySet<string>;
}

/** The input of `iptables-restore --noflush`. With no rules left, the chains and the jumps to them go. */
export function iptablesScript(input: IptablesInput): string {
  const tables = [...new Set(IPTABLES_CHAINS.map(({ table }) => table))];
  return tables.map((table) => tableScript(input, table)).join("");
}

/** Whether there is anything to write for a version of IP. */
export function usesFamily({ networks }: IptablesState, family: 4 | 6): boolean {
  return networks.some(({ subnets }) => subnets.some((subnet) => familyOf(subnet) === family));
}

function tableScript({ state, family, prefix, jumps }: IptablesInput, table: Chain["table"]): string {
  const chains = IPTABLES_CHAINS.filter((chain) => chain.table === table);
  const isGone = isEmptyState(state) || !usesFamily(state, family);
  const full = ({ name }: Chain): string => `${prefix}-${name}`;
  const lines = [
    `*${table}`,
    // Makes the chain, or empties it.
    ...chains.map((chain) => `:${full(chain)} - [0:0]`),
    ...chains.flatMap((chain) => {
      if (chain.hook === undefined || jumps.has(`${table} ${full(chain)}`) !== isGone) return [];
      return [`${isGone ? "-D" : "-I"} ${chain.hook} -j ${full(chain)}`];
    }),
    ...(isGone
      ? chains.map((chain) => `-X ${full(chain)}`)
      : chains.flatMap((chain) =>
          rulesOf(state, family, chain.name, prefix).map((rule) => `-A ${full(chain)} ${rule}`),
        )),
    "COMMIT",
  ];
  return `${lines.join("\n")}\n`;
}

type Network = IptablesState["networks"][number];

function rulesOf(state: IptablesState, family: 4 | 6, chain: string, prefix: string): readonly string[] {
  const networks = state.networks.filter(({ subnets }) => subnets.some((subnet) => familyOf(subnet) === family));
  switch (chain) {
    case "GUARD":
      return family === 6 ? [] : networks.map(({ bridge }) => `-i ${bridge} -d 127.0.0.0/8 -j DROP`);
    case "PREROUTING":
      return [
        ...networks.flatMap((network) => nameRules(network, family, natName)),
        `-m addrtype --dst-type LOCAL -j ${prefix}-PUBLISHED`,
      ];
    case "OUTPUT":
      return [...(family === 6 ? ["-d ::1 -j RETURN"] : []), `-m addrtype --dst-type LOCAL -j ${prefix}-PUBLISHED`];
    case "PUBLISHED":
      return state.containers.flatMap((container) =>
        portTargets(container)
          .filter((target) => target.family === family)
          .map((target) => `${dnatRule(target)} ${comment(`container ${container.containerId}`)}`),
      );
    case "POSTROUTING":
      return [
        ...(family === 6 ? [] : networks.map(({ bridge }) => `-o ${bridge} -s 127.0.0.0/8 -j MASQUERADE`)),
        ...networks
          .filter(({ internal }) => !internal)
          .flatMap(({ subnets }) => subnets.filter((subnet) => familyOf(subnet) === family))
          .map((subnet) => `-s ${subnet} -j ${prefix}-MASQUERADE`),
      ];
    case "MASQUERADE":
      return [...networks.map(({ bridge }) => `-o ${bridge} -m conntrack ! --ctstate DNAT -j RETURN`), "-j MASQUERADE"];
    case "INPUT":
      return networks.flatMap((network) => nameRules(network, family, inputName));
    default:
      return forwardRules(networks);
  }
}

function dnatRule({ family, port, hostAddress, address }: PortTarget): string {
  const host = hostAddress === undefined ? "" : `-d ${hostAddress} `;
  const to = family === 4 ? address : `[${address}]`;
  return `${host}-p ${port.protocol} --dport ${port.hostPort} -j DNAT --to-destination ${to}:${port.containerPort}`;
}

interface NameQuestion {
  readonly match: string;
  readonly address: string;
  readonly port: number;
}

function nameRules(
  { bridge, nameServers, namesPort = DNS_PORT }: Network,
  family: 4 | 6,
  rule: (question: NameQuestion, protocol: string) => string,
): readonly string[] {
  return nameServers
    .filter((address) => familyOf(address) === family)
    .flatMap((address) =>
      ["udp", "tcp"].map((protocol) =>
        rule({ match: `-i ${bridge} -d ${address}`, address, port: namesPort }, protocol),
      ),
    );
}

const DNS_PORT = 53;

function natName({ match, address, port }: NameQuestion, protocol: string): string {
  const to = familyOf(address) === 4 ? address : `[${address}]`;
  const target = port === DNS_PORT ? "RETURN" : `DNAT --to-destination ${to}:${port}`;
  return `${match} -p ${protocol} --dport ${DNS_PORT} -j ${target}`;
}

/** Other rules of the host may drop what they do not know. */
function inputName({ match, port }: NameQuestion, protocol: string): string {
  return `${match} -p ${protocol} --dport ${port} -j ACCEPT`;
}

/** What is accepted here is not asked of the rules behind: it is about our bridges only. */
function forwardRules(networks: readonly Network[]): readonly string[] {
  return [
    ...networks.map(({ bridge }) => `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    ...networks.map(({ bridge }) => `-i ${bridge} -o ${bridge} -j ACCEPT`),
    ...networks
      .filter(({ internal }) => internal)
      .flatMap(({ bridge }) => [`-i ${bridge} -j DROP`, `-o ${bridge} -j DROP`]),
    ...networks.flatMap(({ bridge }) => [`-o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT`, `-o ${bridge} -j DROP`]),
    ...networks.map(({ bridge }) => `-i ${bridge} -j ACCEPT`),
  ];
}

function comment(text: string): string {
  return `-m comment --comment "${text}"`;
}
