import type { NetworkDriver, NetworkRecord } from "./types.ts";

/** The networks that are there without having been made: they hold nothing. */
export const BUILT_IN_NETWORKS: readonly NetworkRecord[] = (["host", "none"] as const).map((driver) => ({
  id: (driver === "host" ? "0" : "1").repeat(64),
  name: driver,
  driver,
  created: "1970-01-01T00:00:00Z",
  subnets: [],
  internal: driver === "none",
  labels: {},
  options: {},
}));

/** What docker calls a driver. */
export function driverName(driver: NetworkDriver): string {
  return driver === "none" ? "null" : driver;
}
