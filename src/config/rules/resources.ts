import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { Findings } from "../findings.ts";
import type { HugepageLimit, Resources } from "../types.gen.ts";
import { eachDuplicate } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** The controllers with few rules. Source: config-linux.md#pids, #huge-page-limits, #network, #rdma, #unified. */
export const resourceRules: RuleArea = {
  about: [
    "/linux/resources/pids",
    "/linux/resources/hugepageLimits",
    "/linux/resources/network",
    "/linux/resources/rdma",
    "/linux/resources/unified",
  ],
  check({ linux }, found) {
    const { resources } = linux ?? {};
    if (resources === undefined) return;
    checkPids(resources, found);
    checkHugepages(resources, found);
    checkNetwork(resources, found);
    checkRdma(resources, found);
    checkUnified(resources, found);
  },
};

function checkPids({ pids }: Resources, found: Findings): void {
  const value = pids?.limit ?? 0;
  if (value >= -1) return;
  const place = { pointer: "/linux/resources/pids/limit", value, spec: "config-linux.md#pids" } as const;
  found.error({
    ...place,
    code: "PIDS_LIMIT",
    message: "must be a number of tasks, or -1 for no limit",
    fix: "write -1",
  });
}

const HUGEPAGES: JsonPointer = "/linux/resources/hugepageLimits";

function checkHugepages({ hugepageLimits = [] }: Resources, found: Findings): void {
  const spec = "config-linux.md#huge-page-limits";
  for (const [index, limit] of hugepageLimits.entries()) {
    const size = kernelSpelling(limit);
    if (size === limit.pageSize) continue;
    found.error({
      code: "HUGEPAGE_SIZE",
      pointer: pointerTo(HUGEPAGES, index, "pageSize"),
      value: limit.pageSize,
      message: size === undefined ? "must be a power of two" : `must be spelt as the kernel does: "${size}"`,
      fix: size && `write "${size}"`,
      spec,
    });
  }
  eachDuplicate(
    hugepageLimits,
    ({ pageSize }) => pageSize,
    ({ pageSize: value }, index, first) => {
      const pointer = pointerTo(HUGEPAGES, index, "pageSize");
      const message = `is limited twice: ${HUGEPAGES}/${first} has it already`;
      found.error({ code: "HUGEPAGE_DUPLICATE", pointer, value, message, fix: "take one of the two out", spec });
    },
  );
}

/** "2048KB" as "2MB"; undefined for what is no power of two. Source: mm/hugetlb_cgroup.c (mem_fmt) of Linux 6.18. */
function kernelSpelling({ pageSize }: HugepageLimit): string | undefined {
  const units = ["KB", "MB", "GB"];
  let number = Number.parseInt(pageSize, 10);
  let unit = units.indexOf(pageSize.slice(-2));
  if (!Number.isInteger(Math.log2(number))) return undefined;
  for (; number >= 1024 && unit < 2; unit++) number /= 1024;
  return `${number}${units[unit]}`;
}

function checkNetwork({ network }: Resources, found: Findings): void {
  const spec = "config-linux.md#network";
  for (const [index, { name: value }] of (network?.priorities ?? []).entries()) {
    if (isInterfaceName(value)) continue;
    const pointer = pointerTo("/linux/resources/network/priorities", index, "name");
    found.error({ code: "NETWORK_INTERFACE", pointer, value, message: "is no name of a network interface", spec });
  }
}

function checkRdma({ rdma = {} }: Resources, found: Findings): void {
  for (const [name, value] of Object.entries(rdma)) {
    if (value.hcaHandles !== undefined || value.hcaObjects !== undefined) continue;
    const pointer = pointerTo("/linux/resources/rdma", name);
    const message = "must limit hcaHandles, hcaObjects or both";
    found.error({ code: "RDMA_EMPTY", pointer, value, message, spec: "config-linux.md#rdma" });
  }
}

function checkUnified({ unified = {} }: Resources, found: Findings): void {
  for (const [name, value] of Object.entries(unified)) {
    if (!name.includes("/") && name !== "" && name !== "." && name !== "..") continue;
    const pointer = pointerTo("/linux/resources/unified", name);
    const message = `is set for "${name}", which is no file of the container's cgroup`;
    found.error({ code: "CGROUP_UNIFIED_NAME", pointer, value, message, spec: "config-linux.md#unified" });
  }
}
