import { IO_PRIORITY_LOWEST } from "../../linux/io-priority.ts";
import { isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#linux-process, ioprio_set(2). */
export const ioPriorityRules: RuleArea = {
  about: ["/process/ioPriority"],
  check({ process }, found) {
    const ioPriority = process?.ioPriority;
    if (ioPriority === undefined) return;
    const { priority: value } = ioPriority;
    const place = { pointer: "/process/ioPriority/priority", spec: "config.md#linux-process" } as const;
    // The class of the idle has no priorities.
    if (value === undefined && ioPriority.class === "IOPRIO_CLASS_IDLE") return;
    if (value === undefined) {
      // Other runtimes take 0.
      const message = "is required: 0, the highest, is used";
      found.warning({ ...place, code: "IO_PRIORITY_MISSING", message, fix: 'add "priority": 4' });
    } else if (!isWithin(value, 0, IO_PRIORITY_LOWEST)) {
      const message = `must be from 0 (highest) to ${IO_PRIORITY_LOWEST} (lowest)`;
      found.error({ ...place, code: "IO_PRIORITY_RANGE", value, message });
    }
  },
};
