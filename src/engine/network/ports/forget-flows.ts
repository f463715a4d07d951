import { SystemError } from "../../../base/errors.ts";
import { formatAddress } from "../../../base/ip-address.ts";
import { listAddresses } from "../../../sys/netlink/addresses.ts";
import { withNetlink } from "../../../sys/netlink/netlink-socket.ts";
import { forgetUdpFlows } from "../../../sys/netlink/tracked-flows.ts";
import { appliesTo, specificAddress } from "../rules/published-ports.ts";
import type { PublishedPort } from "../types.ts";

/**
 * Has the kernel ask the rules anew about UDP to these ports of the host. A client that keeps sending would otherwise go on
 * to a container that has gone, or past one that has come: what is tracked is decided once. TCP begins anew by itself.
 */
export function forgetFlows(ports: readonly PublishedPort[]): void {
  const udp = ports.filter(({ protocol }) => protocol === "udp");
  if (udp.length === 0) return;
  const own = new Set(withNetlink(undefined, listAddresses).map(({ address }) => formatAddress(address)));
  const meets = (destination: string, port: number, family: 4 | 6): boolean =>
    udp.some((each) => {
      const specific = specificAddress(each);
      const isThere = specific === undefined ? own.has(destination) : specific === destination;
      return each.hostPort === port && appliesTo(each, family) && isThere;
    });
  unlessUntracked(() =>
    withNetlink(
      undefined,
      (socket) => {
        for (const family of [4, 6] as const) {
          forgetUdpFlows(socket, family, ({ destination, port }) => meets(formatAddress(destination), port, family));
        }
      },
      "netfilter",
    ),
  );
}

/** A kernel may be without the interface to what it tracks: then flows end by their timeout. Source: errno(3). */
function unlessUntracked(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof SystemError && UNTRACKED.includes(error.failure.errno))) throw error;
  }
}

/** EINVAL is nfnetlink's answer for a subsystem that is missing; EPROTONOSUPPORT the kernel's without netfilter. */
const UNTRACKED: readonly number[] = [22, 93];
