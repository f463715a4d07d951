import { lockObject } from "../../base/object-lock.ts";
import type { EnginePaths } from "../../base/paths.ts";
import type { Firewall, RulesInForce } from "./firewall.ts";
import { chainPrefix, restoreRules, savedRules } from "./iptables.ts";
import { IPTABLES_CHAINS, iptablesScript, usesFamily } from "./iptables-rules.ts";
import { type IptablesState, NO_RULES, readIptablesState, writeIptablesState } from "./iptables-state.ts";
import type { NetworkRules } from "./network-rules.ts";

/** Rules by iptables-restore(8), in chains of their own. */
export function iptablesFirewall(paths: EnginePaths): Firewall {
  const change = (action: string, next: (state: IptablesState) => IptablesState): void =>
    changeRules(paths, action, next);
  return {
    name: "iptables",
    addNetwork: (network) =>
      change(`make the rules of the network "${network.name}"`, (state) =>
        withNetwork(state, network, namesPort(state, network)),
      ),
    removeNetwork: ({ name, bridge }) =>
      change(`remove the rules of the network "${name}"`, ({ networks, ...rest }) => ({
        ...rest,
        networks: networks.filter((each) => each.bridge !== bridge),
      })),
    redirectNames: (network, port) =>
      change(`redirect what is asked of the name server of "${network.name}"`, (state) =>
        withNetwork(state, network, port),
      ),
    publish: (network, published) =>
      change("publish the container's ports", (state) => {
        const { networks, containers } = withoutContainer(state, published.containerId);
        const after = { networks, containers: [...containers, published] };
        return withNetwork(after, network, namesPort(state, network));
      }),
    unpublish: ({ containerId }) =>
      change("remove the rules of the container's ports", (state) => withoutContainer(state, containerId)),
    look: () => look(chainPrefix(paths)),
  };
}

function withNetwork(state: IptablesState, network: NetworkRules, port: number | undefined): IptablesState {
  const after = port === undefined ? network : { ...network, namesPort: port };
  const isNew = !state.networks.some(({ bridge }) => bridge === network.bridge);
  const networks = state.networks.map((each) => (each.bridge === network.bridge ? after : each));
  return { ...state, networks: isNew ? [...networks, after] : networks };
}

function namesPort({ networks }: IptablesState, network: NetworkRules): number | undefined {
  return networks.find(({ bridge }) => bridge === network.bridge)?.namesPort;
}

function withoutContainer(state: IptablesState, containerId: string): IptablesState {
  const containers = state.containers.filter((each) => each.containerId !== containerId);
  return containers.length === state.containers.length ? state : { ...state, containers };
}

/** What the rules are to be is on record before they are made: a change that is cut off is made up for by the next one. */
function changeRules(paths: EnginePaths, action: string, next: (state: IptablesState) => IptablesState): void {
  const lock = lockObject(paths, "network-store", "iptables");
  try {
    const before = readIptablesState(paths) ?? NO_RULES;
    const after = next(before);
    if (after === before) return;
    writeIptablesState(paths, after);
    try {
      writeRules(paths, action, before, after);
    } catch (error) {
      writeIptablesState(paths, before);
      writeRules(paths, action, after, before);
      throw error;
    }
  } finally {
    lock.release();
  }
}

function writeRules(paths: EnginePaths, action: string, before: IptablesState, state: IptablesState): void {
  const prefix = chainPrefix(paths);
  for (const family of [4, 6] as const) {
    if (!usesFamily(before, family) && !usesFamily(state, family)) continue;
    const jumps = new Set(savedRules(family).flatMap((line) => jumpTarget(line) ?? []));
    restoreRules(action, family, iptablesScript({ state, family, prefix, jumps }));
  }
}

/** "nat -A PREROUTING -j MYDOCKER-PREROUTING" → "nat MYDOCKER-PREROUTING". */
function jumpTarget(line: string): string | undefined {
  const match = /^(\w+) -A [A-Z]+ -j (\S+)$/.exec(line);
  return match === null ? undefined : `${match[1]} ${match[2]}`;
}

function look(prefix: string): RulesInForce {
  const rules = new Map(([4, 6] as const).map((family) => [family, savedRules(family)]));
  return {
    portRules: ({ containerId }, { hostPort, protocol }) =>
      [...rules.values()].flat().filter((rule) => {
        return (
          rule.includes(containerId) && rule.includes(` --dport ${hostPort} `) && rule.includes(` -p ${protocol} `)
        );
      }),
    chains: () =>
      [...rules].flatMap(([family, lines]) =>
        IPTABLES_CHAINS.flatMap(({ table, name }) => {
          const start = `${table} -A ${prefix}-${name} `;
          const own = lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
          return own.length === 0 ? [] : [{ chain: `IPv${family} ${table} ${prefix}-${name}`, text: own.join("\n") }];
        }),
      ),
    // This engine's chains come before the rules of others.
    foreignDrops: [],
  };
}
