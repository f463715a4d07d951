import { EngineError } from "../base/errors.ts";
import { PREDEFINED_NETWORKS } from "./network-store.ts";
import type { NetworkRecord } from "./types.ts";

type Condition = (network: NetworkRecord, value: string) => boolean;

/** What `--filter KEY=VALUE` may ask for. Source: docker-network-ls(1). */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  name: ({ name }, value) => name.includes(value),
  id: ({ id }, value) => id.startsWith(value),
  driver: ({ driver }, value) => driver === value || (driver === "none" && value === "null"),
  type: ({ name }, value) => PREDEFINED_NETWORKS.includes(name) === (value === "builtin"),
  scope: (_network, value) => value === "local",
  label: ({ labels }, value) => {
    const [key = "", ...rest] = value.split("=");
    return Object.hasOwn(labels, key) && (rest.length === 0 || labels[key] === rest.join("="));
  },
};

/** Conditions on the same thing are alternatives, those on different things must all hold. Throws EngineError. */
export function matchesNetwork(filters: readonly string[]): (network: NetworkRecord) => boolean {
  const asked = new Map<string, string[]>();
  for (const filter of filters) {
    const [key = "", ...rest] = filter.split("=");
    if (!Object.hasOwn(CONDITIONS, key)) {
      throw new EngineError(`invalid filter '${key}'`, {
        code: "ERR_USAGE",
        flag: "--filter",
        fix: `use ${Object.keys(CONDITIONS).join(", ")}`,
      });
    }
    asked.set(key, [...(asked.get(key) ?? []), rest.join("=")]);
  }
  return (network) => [...asked].every(([key, values]) => values.some((value) => CONDITIONS[key]?.(network, value)));
}
