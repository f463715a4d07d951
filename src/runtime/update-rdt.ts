import { RuntimeError } from "../base/errors.ts";
import type { CgroupUpdate } from "../cgroup/compile-update.ts";
import type { Config } from "../config/types.gen.ts";
import { closDirectory, schemataLines } from "../plan/parts/intel-rdt.ts";
import { probeRdt } from "../sys/probe-rdt.ts";
import type { UpdateOptions } from "./options.ts";

const FLAGS = { l3CacheSchema: "--l3-cache-schema", memBwSchema: "--mem-bw-schema" } as const;

/**
 * The writes that change a container's class of Intel RDT. Throws RuntimeError for a container without one, and for a
 * host without resctrl. Source: config-linux.md#intelrdt.
 */
export function rdtWrites(config: Config, { id, rdt = {} }: UpdateOptions): CgroupUpdate["writes"] {
  const [line] = schemataLines(rdt);
  if (line === undefined) return [];
  const flag = rdt.l3CacheSchema ? FLAGS.l3CacheSchema : FLAGS.memBwSchema;
  const { intelRdt } = config.linux ?? {};
  const facts = intelRdt === undefined ? undefined : probeRdt(intelRdt.closID ?? id);
  if (intelRdt === undefined || facts === undefined) throw withoutClass(id, line, flag, intelRdt !== undefined);
  const path = `${closDirectory(intelRdt, id, facts)}/schemata`;
  const value = `${schemataLines(rdt).join("\n")}\n`;
  return [{ write: { kind: "write", path, value, from: { flag }, when: "always" }, restore: { kind: "text" } }];
}

function withoutClass(id: string, line: string, flag: string, isAsked: boolean): RuntimeError {
  const why = isAsked ? "no resctrl filesystem is mounted on this host" : "its config has no linux.intelRdt";
  return new RuntimeError("ERR_NOT_SUPPORTED", `Cannot set "${line}" for container "${id}": ${why}`, { flag });
}
