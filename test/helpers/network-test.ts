import assert from "node:assert/strict";
import { it } from "node:test";
import type { SandboxResult } from "../../src/engine/network/types.ts";
import { needsProgram, needsRoot } from "./needs.ts";
import { NetworkBox } from "./network-box.ts";
import { TIME_SCALE } from "./time-scale.ts";

/** Declares a test on a box of its own, of a host that lacks some programs. */
export function networkTest(
  name: string,
  body: (box: NetworkBox) => Promise<void> | void,
  without: readonly string[] = [],
): void {
  const writer = without.length === 0 ? "nft" : "iptables-restore";
  const needs = [needsRoot, ...[writer, "nsenter", "ip"].map(needsProgram)];
  const skip = needs.map((need) => need()).find((reason) => reason !== undefined) ?? false;
  it(name, { skip, timeout: 120_000 * TIME_SCALE }, async () => {
    const box = new NetworkBox(without);
    try {
      await body(box);
    } finally {
      box.close();
    }
  });
}

export const WITHOUT_NFT = ["/usr/sbin/nft"] as const;

/** As networkTest, on a host with nft and on one with iptables only. */
export function firewallTest(name: string, body: (box: NetworkBox) => Promise<void> | void): void {
  networkTest(`nftables: ${name}`, body);
  networkTest(`iptables: ${name}`, body, WITHOUT_NFT);
}

/** Where a sandbox's namespace is bound. */
export function netnsOf({ namespace }: SandboxResult): string {
  assert.equal(namespace.kind, "path");
  return namespace.kind === "path" ? namespace.path : "";
}
