import { CAPABILITIES } from "../../linux/capabilities.ts";
import type { PlanDraft } from "../draft.ts";
import type { HostFacts } from "../host-facts.ts";
import type { Process } from "../plan-input.ts";

type Sets = NonNullable<Process["capabilities"]>;

/** A bit for each named capability; unknown names have none (the config's rules warn about them). */
export function capabilityMask(names: readonly string[] | undefined): bigint {
  let low = 0;
  let high = 0;
  for (const name of names ?? []) {
    const bit = CAPABILITIES[name];
    if (bit === undefined) continue;
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The five sets, cut to what this caller can grant. Source: config.md#linux-process, capabilities(7). */
export interface GrantedCapabilities {
  readonly bounding: bigint;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
}

const SET_NAMES = ["bounding", "effective", "permitted", "inheritable", "ambient"] as const;

/**
 * What cannot be granted is a warning and never a failure. A process in a user namespace of its own has all
 * capabilities there.
 */
export function grantedCapabilities(
  draft: PlanDraft,
  process: Process,
  host: HostFacts,
  hasUser: boolean,
): GrantedCapabilities {
  const sets: Sets = process.capabilities ?? {};
  const grantable = hasUser ? ~0n : host.capabilities;
  const granted = { bounding: 0n, effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n };
  for (const set of SET_NAMES) {
    const wanted = capabilityMask(sets[set]);
    granted[set] = wanted & grantable;
    if (granted[set] !== wanted) warn(draft, set, wanted & ~grantable);
  }
  // The kernel raises an ambient capability only if it is permitted and inheritable.
  granted.ambient &= granted.permitted & granted.inheritable;
  granted.effective &= granted.permitted;
  return granted;
}

function warn(draft: PlanDraft, set: (typeof SET_NAMES)[number], missing: bigint): void {
  const names = Object.keys(CAPABILITIES).filter((name) => (missing >> BigInt(CAPABILITIES[name] ?? 0)) & 1n);
  draft.problems.push({
    code: "CAPABILITY_NOT_GRANTED",
    severity: "warning",
    pointer: `/process/capabilities/${set}`,
    value: JSON.stringify(names),
    message: "cannot be granted: the caller does not have it",
    spec: "config.md#linux-process",
  });
}
