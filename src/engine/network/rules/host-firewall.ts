import type { EnginePaths } from "../../base/paths.ts";
import type { Firewall } from "./firewall.ts";
import { hasIptables } from "./iptables.ts";
import { iptablesFirewall } from "./iptables-firewall.ts";
import { readIptablesState } from "./iptables-state.ts";
import { hasNft } from "./nft.ts";
import { nftFirewall } from "./nft-firewall.ts";

/**
 * What writes the rules of this host: nft, or iptables where that program is missing. Where iptables has begun it goes on
 * until none of its rules are left.
 */
export function hostFirewall(paths: EnginePaths): Firewall {
  const isIptables = (!hasNft() && hasIptables()) || readIptablesState(paths) !== undefined;
  return isIptables ? iptablesFirewall(paths) : nftFirewall;
}

/** Whether rules can be made here at all. */
export function hasFirewall(): boolean {
  return hasNft() || hasIptables();
}
