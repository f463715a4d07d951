import { pointerTo } from "../../base/json-pointer.ts";
import { CAPABILITIES, capabilityNumber } from "../../linux/capabilities.ts";
import type { Findings } from "../findings.ts";
import { nearestName } from "../nearest-name.ts";
import type { Capabilities } from "../types.gen.ts";
import type { RuleArea } from "./rule-area.ts";

/** All warnings: what cannot be granted must not make a container fail. Source: config.md#linux-process. */
export const capabilityRules: RuleArea = {
  about: ["/process/capabilities"],
  check({ process }, found) {
    const sets = process?.capabilities;
    if (sets === undefined) return;
    for (const name of SETS) checkNames(name, sets[name] ?? [], found);
    checkSubset("effective", sets, ["permitted"], found);
    checkSubset("ambient", sets, ["permitted", "inheritable"], found);
  },
};

type SetName = keyof Capabilities;

const SETS = ["bounding", "effective", "inheritable", "permitted", "ambient"] as const satisfies SetName[];
const SPEC = "config.md#linux-process";

function checkNames(set: SetName, names: readonly string[], found: Findings): void {
  for (const [index, value] of names.entries()) {
    if (capabilityNumber(value) !== undefined) continue;
    const near = nearestName(value, Object.keys(CAPABILITIES));
    found.warning({
      code: "CAPABILITY_UNKNOWN",
      pointer: pointerTo("/process/capabilities", set, index),
      value,
      message: "is not a capability of Linux and cannot be granted",
      fix: near && `write "${near}"`,
      spec: SPEC,
    });
  }
}

/** The kernel keeps these sets inside others. Source: capabilities(7), "thread capability sets". */
function checkSubset(set: SetName, sets: Capabilities, within: readonly SetName[], found: Findings): void {
  const others = within.map((name) => sets[name] ?? []);
  const outside = (sets[set] ?? []).filter((name) => !others.every((other) => other.includes(name)));
  if (outside.length === 0) return;
  const pointer = pointerTo("/process/capabilities", set);
  const message = `can't raise ${set} capability ${outside.join(", ")}: ${within.join(" and ")} must have it as well`;
  found.warning({ code: "CAPABILITY_OUTSIDE", pointer, message, spec: SPEC });
}
