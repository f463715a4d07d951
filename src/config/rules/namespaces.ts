import { pointerTo } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { Config } from "../types.gen.ts";
import { addNamespace, eachDuplicate, namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#namespaces, config-linux.md#offset-for-time-namespace. */
export const namespaceRules: RuleArea = {
  about: ["/linux/namespaces", "/linux/timeOffsets"],
  check(config, found) {
    checkEntries(config, found);
    checkTimeOffsets(config, found);
  },
};

const SPEC = "config-linux.md#namespaces";

function checkEntries({ linux }: Config, found: Findings): void {
  const namespaces = linux?.namespaces ?? [];
  for (const [index, { path = "" }] of namespaces.entries()) {
    if (path === "" || path.startsWith("/")) continue;
    const pointer = pointerTo("/linux/namespaces", index, "path");
    const message = "must be an absolute path";
    found.error({ code: "NAMESPACE_PATH_RELATIVE", pointer, value: path, message, spec: SPEC });
  }
  eachDuplicate(
    namespaces,
    ({ type }) => type,
    ({ type: value }, index, first) => {
      found.error({
        code: "NAMESPACE_DUPLICATE",
        pointer: pointerTo("/linux/namespaces", index, "type"),
        value,
        message: `is listed twice: /linux/namespaces/${first} has it already`,
        fix: "take one of the two out",
        spec: SPEC,
      });
    },
  );
}

/** What makes a second; time_namespaces(7) takes no more. */
const NANOSECONDS = 1_000_000_000;

function checkTimeOffsets(config: Config, found: Findings): void {
  const offsets = config.linux?.timeOffsets;
  if (offsets === undefined) return;
  const spec = "config-linux.md#offset-for-time-namespace";
  const place = { code: "TIME_OFFSETS_NAMESPACE", pointer: "/linux/timeOffsets", value: offsets, spec } as const;
  const namespace = namespaceOf(config, "time");
  if (namespace === undefined) {
    found.error({ ...place, message: "needs a time namespace of the container's own", fix: addNamespace("time") });
  } else if (namespace.path) {
    const message = "cannot change the time namespace that the container joins: its clocks have their offsets already";
    found.error({ ...place, message, fix: "take the offsets or the namespace's path out" });
  }
  for (const clock of ["monotonic", "boottime"] as const) {
    const value = offsets[clock]?.nanosecs ?? 0;
    if (value < NANOSECONDS) continue;
    const pointer = pointerTo("/linux/timeOffsets", clock, "nanosecs");
    found.error({ code: "TIME_OFFSET_RANGE", pointer, value, message: `must be less than ${NANOSECONDS}`, spec });
  }
}
