import { pointerTo } from "../../base/json-pointer.ts";
import { RLIMITS, rlimitNumber } from "../../linux/rlimits.ts";
import type { Findings } from "../findings.ts";
import { nearestName } from "../nearest-name.ts";
import type { Rlimit } from "../types.gen.ts";
import { eachDuplicate } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#posix-process, getrlimit(2). */
export const rlimitRules: RuleArea = {
  about: ["/process/rlimits"],
  check({ process }, found) {
    const rlimits = process?.rlimits ?? [];
    for (const [index, rlimit] of rlimits.entries()) checkRlimit(rlimit, index, found);
    eachDuplicate(
      rlimits,
      ({ type }) => type,
      ({ type: value }, index, first) => {
        found.error({
          code: "RLIMIT_DUPLICATE",
          pointer: pointerTo("/process/rlimits", index, "type"),
          value,
          message: `is limited twice: /process/rlimits/${first} has it already`,
          fix: "take one of the two out",
          spec: SPEC,
        });
      },
    );
  },
};

const SPEC = "config.md#posix-process";

function checkRlimit({ type, soft, hard }: Rlimit, index: number, found: Findings): void {
  if (rlimitNumber(type) === undefined) {
    const near = nearestName(type, Object.keys(RLIMITS));
    found.error({
      code: "RLIMIT_UNKNOWN",
      pointer: pointerTo("/process/rlimits", index, "type"),
      value: type,
      message: "is not a resource limit of Linux",
      fix: near && `write "${near}"`,
      spec: SPEC,
    });
  }
  if (soft > hard) {
    const pointer = pointerTo("/process/rlimits", index, "soft");
    const message = `must be at most the hard limit, ${hard}`;
    found.error({ code: "RLIMIT_SOFT_ABOVE_HARD", pointer, value: soft, message, spec: SPEC });
  }
}
