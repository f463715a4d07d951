import type { JsonPointer } from "../../base/json-pointer.ts";
import type { SpecRef } from "../../base/spec-ref.ts";
import { parseIdList } from "../../linux/id-list.ts";
import type { Findings } from "../findings.ts";
import type { RuleArea } from "./rule-area.ts";

/** Lists of CPUs and memory nodes. Source: config.md#linux-process, config-linux.md#cpu, #memory-policy. */
export const idListRules: RuleArea = {
  about: ["/process/execCPUAffinity", "/linux/resources/cpu", "/linux/memoryPolicy"],
  check({ process, linux }, found) {
    const affinity = process?.execCPUAffinity;
    checkList("/process/execCPUAffinity/initial", affinity?.initial, "config.md#linux-process", found);
    checkList("/process/execCPUAffinity/final", affinity?.final, "config.md#linux-process", found);
    const cpu = linux?.resources?.cpu;
    checkList("/linux/resources/cpu/cpus", cpu?.cpus, "config-linux.md#cpu", found);
    checkList("/linux/resources/cpu/mems", cpu?.mems, "config-linux.md#cpu", found);
    checkList("/linux/memoryPolicy/nodes", linux?.memoryPolicy?.nodes, "config-linux.md#memory-policy", found);
  },
};

function checkList(pointer: JsonPointer, value: string | undefined, spec: SpecRef, found: Findings): void {
  if (value === undefined || parseIdList(value) !== undefined) return;
  const message = 'must be numbers and ranges with commas between them, such as "0-3,7"';
  found.error({ code: "ID_LIST_FORMAT", pointer, value, message, spec });
}
