import { splitPair } from "../base/parse-size.ts";
import type { ContainerConfig, HostConfig } from "./container-config.ts";

/**
 * What `logs --details` shows before each line: the labels and variables that --log-opt names, "" for none. Pure. Source:
 * docker's json-file log driver, "labels", "labels-regex", "env" and "env-regex".
 */
export function logDetails(
  { Labels, Env }: Pick<ContainerConfig, "Labels" | "Env">,
  { Config }: HostConfig["LogConfig"],
): string {
  const variables = Object.fromEntries(Env.map((entry) => splitPair(entry)).map(([name, value = ""]) => [name, value]));
  const chosen = {
    ...named(Labels, Config.labels, Config["labels-regex"]),
    ...named(variables, Config.env, Config["env-regex"]),
  };
  return Object.entries(chosen)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join(",");
}

function named(
  values: Readonly<Record<string, string>>,
  names: string | undefined,
  pattern: string | undefined,
): Readonly<Record<string, string>> {
  const listed = names === undefined ? [] : names.split(",");
  const expression = pattern === undefined ? undefined : new RegExp(pattern);
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => listed.includes(name) || expression?.test(name) === true),
  );
}
