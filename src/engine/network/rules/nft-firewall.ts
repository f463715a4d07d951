import type { Firewall, RulesInForce } from "./firewall.ts";
import { applyRules, foreignDrops, readRules, showChain, tryRules } from "./nft.ts";
import {
  addNetworkRules,
  baseRules,
  redirectNameRules,
  removeNetworkRules,
  stopRedirectRules,
} from "./nft-base-rules.ts";
import { containerChain, portElements, publishRules, unpublishRules } from "./nft-port-rules.ts";
import type { PublishedPorts } from "./published-ports.ts";

/** Rules by nft(8), in a table of their own. The kernel's table is all that it knows. */
export const nftFirewall: Firewall = {
  name: "nftables",
  addNetwork: (network) =>
    applyRules(`make the rules of the network "${network.name}"`, [...baseRules(), ...addNetworkRules(network)]),
  removeNetwork: (network) =>
    applyRules(`remove the rules of the network "${network.name}"`, removeNetworkRules(network)),
  redirectNames: (network, port) => {
    // Without the elements there is nothing to take back.
    tryRules(stopRedirectRules(network));
    if (port === undefined) return;
    const script = [...baseRules(), ...redirectNameRules(network, port)];
    applyRules(`redirect what is asked of the name server of "${network.name}"`, script);
  },
  publish: (network, published) =>
    applyRules("publish the container's ports", [
      ...baseRules(),
      ...addNetworkRules(network),
      ...publishRules(published),
    ]),
  unpublish,
  look,
};

/**
 * The chain and the elements go in one transaction. It fails where the chain is not there, which is so where publishing
 * failed: then the elements of these keys are another's. What is left is looked up by the chain, which is ours alone.
 */
function unpublish(published: PublishedPorts): void {
  const { containerId } = published;
  if (tryRules(unpublishRules(containerId, portElements(published)))) return;
  const chain = containerChain(containerId);
  const { elements, chains } = readRules();
  if (!chains.includes(chain)) return;
  const own = elements.filter((element) => element.chain === chain);
  applyRules("remove the rules of the container's ports", unpublishRules(containerId, own));
}

function look(): RulesInForce {
  const { elements } = readRules();
  return {
    portRules: (published, port) => {
      const chain = containerChain(published.containerId);
      const own = elements.filter((element) => element.chain === chain);
      return portElements({ ...published, ports: [port] })
        .filter(({ map, key }) => own.some((element) => element.map === map && element.key === key))
        .map(({ map, key }) => `${map} { ${key} }`);
    },
    chains: (containerId, hasPorts) =>
      chainsOf(containerId, hasPorts).flatMap((chain) => {
        const text = showChain(chain);
        return text === undefined ? [] : [{ chain, text }];
      }),
    foreignDrops: foreignDrops(),
  };
}

/** In the order in which a packet from outside meets them. */
function chainsOf(containerId: string, hasPorts: boolean): readonly string[] {
  const own = hasPorts ? ["published", containerChain(containerId)] : [];
  return ["guard", "prerouting", "output", ...own, "forward", "postrouting"];
}
