import { isRecord, type JsonFormat } from "../base/json-store.ts";
import { NETWORK_DRIVERS, type NetworkRecord, type Subnet } from "./types.ts";

/** network.json. */
export const NETWORK_FORMAT: JsonFormat<NetworkRecord> = { name: "network", version: 1, check: checkNetwork };

function checkNetwork(value: unknown): NetworkRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { id, name, created, internal, driver: driverName, subnets } = value;
  const driver = NETWORK_DRIVERS.find((known) => known === driverName);
  const device = value["device"];
  const labels = textsByName(value["labels"]);
  const options = textsByName(value["options"]);
  if (typeof id !== "string" || typeof name !== "string" || typeof created !== "string") return undefined;
  if (driver === undefined || typeof internal !== "boolean" || !isSubnets(subnets)) return undefined;
  if (labels === undefined || options === undefined || !(device === undefined || typeof device === "string"))
    return undefined;
  const record = { id, name, driver, created, subnets, internal, labels, options };
  return device === undefined ? record : { ...record, device };
}

function isSubnets(value: unknown): value is readonly Subnet[] {
  return Array.isArray(value) && value.every(isSubnet);
}

function isSubnet(value: unknown): value is Subnet {
  if (!isRecord(value)) return false;
  const { subnet, gateway, ipRange } = value;
  return (
    typeof subnet === "string" && typeof gateway === "string" && (ipRange === undefined || typeof ipRange === "string")
  );
}

function textsByName(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined;
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") return undefined;
    texts[name] = text;
  }
  return texts;
}
