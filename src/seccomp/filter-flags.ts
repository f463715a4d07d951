import { pointerTo } from "../base/json-pointer.ts";
import type { Findings } from "../config/findings.ts";
import type { SeccompFlag } from "../config/types.gen.ts";
import { SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAGS } from "../linux/seccomp.ts";

/**
 * The flags of seccomp(2) for linux.seccomp.flags; SPEC_ALLOW where that is absent, as in runc and crun. Flags without
 * an effect, which the kernel would refuse in some combinations, are left out with a warning.
 */
export function filterFlags(
  names: readonly SeccompFlag[] | undefined,
  needsListener: boolean,
  found: Findings,
): number {
  let flags = needsListener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
  for (const [position, name] of (names ?? DEFAULT_FLAGS).entries()) {
    const reason = whyUseless(name, needsListener);
    if (reason === undefined) {
      flags |= SECCOMP_FILTER_FLAGS[name];
      continue;
    }
    const pointer = pointerTo("/linux/seccomp/flags", position);
    const message = `is left out: ${reason}`;
    found.warning({ code: "SECCOMP_FLAG", pointer, value: name, message, spec: "config-linux.md#seccomp" });
  }
  return flags;
}

const DEFAULT_FLAGS: readonly SeccompFlag[] = ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"];

/** Source: seccomp(2). */
function whyUseless(name: SeccompFlag, needsListener: boolean): string | undefined {
  if (name === "SECCOMP_FILTER_FLAG_TSYNC") return "the container's first process has one thread only";
  if (name !== "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" || needsListener) return undefined;
  return "it changes SCMP_ACT_NOTIFY, which no rule uses";
}
