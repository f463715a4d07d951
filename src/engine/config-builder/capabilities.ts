import { EngineError } from "../base/errors.ts";

/** What docker gives every container. Source: moby oci/caps. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

export interface CapabilityRequest {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
  /** Those that the kernel has and the caller may give. */
  readonly known: readonly string[];
}

/**
 * The capabilities of a container's bounding set. "ALL" in either list stands for all: what is dropped then is all but
 * what is added by name. Throws EngineError for a name that Linux does not have.
 */
export function capabilitiesOf({ add, drop, privileged, known }: CapabilityRequest): readonly string[] {
  const added = add.map((name) => capabilityName(name, known, "CapAdd"));
  const dropped = drop.map((name) => capabilityName(name, known, "CapDrop"));
  if (privileged) return known;
  const basis = added.includes(ALL) ? known : dropped.includes(ALL) ? [] : DEFAULT_CAPABILITIES;
  const kept = basis.filter((name) => !dropped.includes(name) && known.includes(name));
  return [...kept, ...added.filter((name) => name !== ALL && !kept.includes(name))];
}

const ALL = "ALL";

/** "NET_ADMIN" or "cap_net_admin" as the kernel's headers write it; "ALL" as it is. */
export function fullCapabilityName(word: string): string {
  const upper = word.toUpperCase();
  if (upper === ALL || upper === "CAP_ALL") return ALL;
  return upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

function capabilityName(word: string, known: readonly string[], list: "CapAdd" | "CapDrop"): string {
  const name = fullCapabilityName(word);
  if (name === ALL || known.includes(name)) return name;
  throw new EngineError(`invalid ${list}: unknown capability: "${name}"`, {
    code: "ERR_USAGE",
    flag: list === "CapAdd" ? "--cap-add" : "--cap-drop",
  });
}
