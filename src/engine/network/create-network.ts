import { isInterfaceName } from "../../linux/interface-name.ts";
import { findLink } from "../../sys/netlink/links.ts";
import { withNetlink } from "../../sys/netlink/netlink-socket.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import { EngineError } from "../base/errors.ts";
import { newObjectId } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";
import { bridgeName, takenRanges, uniqueLocalPrefix } from "./default-network.ts";
import { ensureBridge, MTU_OPTION } from "./drivers/bridge.ts";
import { isMacvlanMode, MODE_OPTION, PARENT_OPTION } from "./drivers/macvlan.ts";
import { forgetNetwork, listNetworks, PREDEFINED_NETWORKS, saveNetwork } from "./network-store.ts";
import { withNetworksLock } from "./networks-lock.ts";
import { chooseSubnets, type SubnetRequest } from "./subnet-choice.ts";
import { NETWORK_DRIVERS, type NetworkDriver, type NetworkRecord } from "./types.ts";

/** What `network create` is told. */
export interface NetworkRequest extends SubnetRequest {
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** The bridge's name, as docker calls the option. */
export const BRIDGE_NAME_OPTION = "com.docker.network.bridge.name";

/** What each driver takes with -o. */
const OPTIONS: Readonly<Record<NetworkDriver, readonly string[]>> = {
  bridge: [BRIDGE_NAME_OPTION, MTU_OPTION],
  macvlan: [PARENT_OPTION, MODE_OPTION, MTU_OPTION],
  none: [],
  host: [],
};

/** Makes a network, its bridge included. Gives its record. Throws EngineError; on failure nothing of it is left. */
export async function createNetwork(paths: EnginePaths, request: NetworkRequest): Promise<NetworkRecord> {
  const driver = checkRequest(request);
  if (isInUserNamespace()) {
    throw new EngineError(
      `Cannot make the network "${request.name}": an ordinary user may make no device on the host`,
      {
        code: "ERR_NOT_SUPPORTED",
        fix: "as an ordinary user, use the networks bridge, none and host, or container:NAME",
      },
    );
  }
  return await withNetworksLock(paths, () => {
    if (listNetworks(paths).some(({ name }) => name === request.name)) {
      throw new EngineError(`network with name ${request.name} already exists`, { code: "ERR_FILE_EXISTS" });
    }
    const network = decide(paths, request, driver);
    saveNetwork(paths, network);
    try {
      if (driver === "bridge") withNetlink(undefined, (socket) => ensureBridge(paths, socket, network));
    } catch (error) {
      forgetNetwork(paths, network.id);
      throw error;
    }
    return network;
  });
}

function decide(paths: EnginePaths, request: NetworkRequest, driver: NetworkDriver): NetworkRecord {
  const id = newObjectId();
  const { name, internal, labels, options } = request;
  // A macvlan is in its parent's network: the host has a route there.
  const taken = driver === "macvlan" ? [] : takenRanges(paths);
  const device =
    driver === "macvlan"
      ? checkParent(options[PARENT_OPTION])
      : checkBridge(options[BRIDGE_NAME_OPTION] ?? bridgeName(id));
  const subnets = chooseSubnets(request, taken, uniqueLocalPrefix());
  return { id, name, driver, created: new Date().toISOString(), subnets, internal, labels, options, device };
}

function checkRequest({ name, driver, options }: NetworkRequest): NetworkDriver {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(name)) {
    throw new EngineError(
      `Cannot name a network "${name}": it must be of letters, digits, "_", "." and "-", 63 at most`,
      {
        code: "ERR_USAGE",
      },
    );
  }
  if (PREDEFINED_NETWORKS.includes(name)) {
    throw new EngineError(`operation is not permitted on predefined ${name} network`);
  }
  const known = NETWORK_DRIVERS.find((each) => each === driver);
  if (known === undefined) {
    throw new EngineError(`Cannot use the driver "${driver}": it must be one of ${NETWORK_DRIVERS.join(", ")}`, {
      code: "ERR_USAGE",
      flag: "--driver",
    });
  }
  if (known === "none" || known === "host")
    throw new EngineError(`only one instance of "${driver}" network is allowed`);
  checkOptions(known, options);
  return known;
}

function checkOptions(driver: NetworkDriver, options: Readonly<Record<string, string>>): void {
  const refuse = (name: string, why: string): EngineError =>
    new EngineError(`Cannot use -o "${name}=${options[name]}": ${why}`, { code: "ERR_USAGE", flag: "-o" });
  for (const name of Object.keys(options)) {
    const known = OPTIONS[driver];
    if (!known.includes(name)) throw refuse(name, `the driver ${driver} has the options ${known.join(", ")}`);
  }
  const mtu = options[MTU_OPTION];
  if (mtu !== undefined && !(/^[0-9]{2,5}$/.test(mtu) && Number(mtu) >= MTU_MIN && Number(mtu) <= MTU_MAX)) {
    throw refuse(MTU_OPTION, `it must be from ${MTU_MIN} to ${MTU_MAX}`);
  }
  const mode = options[MODE_OPTION];
  if (mode !== undefined && !isMacvlanMode(mode))
    throw refuse(MODE_OPTION, "it must be bridge, private, vepa or passthru");
}

/** Of IPv4, and of an Ethernet device. Source: include/uapi/linux/if_ether.h. */
const MTU_MIN = 68;
const MTU_MAX = 65535;

function checkBridge(name: string): string {
  if (!isInterfaceName(name) || /["\\]/.test(name)) {
    throw new EngineError(`Cannot name a bridge "${name}": it must be a network device's name, 15 bytes at most`, {
      code: "ERR_USAGE",
    });
  }
  if (withNetlink(undefined, (socket) => findLink(socket, name)) !== undefined) {
    throw new EngineError(`Cannot name a bridge "${name}": the host has a device of this name`);
  }
  return name;
}

function checkParent(name: string | undefined): string {
  if (name === undefined) {
    throw new EngineError("Cannot make a macvlan network without a parent", {
      fix: `name one with -o ${PARENT_OPTION}=DEVICE`,
    });
  }
  if (withNetlink(undefined, (socket) => findLink(socket, name)) !== undefined) return name;
  throw new EngineError(`Cannot use the parent "${name}": the host has no such device`, { flag: "-o" });
}
