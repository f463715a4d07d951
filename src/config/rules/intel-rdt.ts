import { pointerTo } from "../../base/json-pointer.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#intelrdt. */
export const intelRdtRules: RuleArea = {
  about: ["/linux/intelRdt"],
  check({ linux }, found) {
    const { closID = "", l3CacheSchema = "L3:", schemata = [] } = linux?.intelRdt ?? {};
    if (closID !== "/" && (closID.includes("/") || closID === "." || closID === "..")) {
      const place = { pointer: "/linux/intelRdt/closID", value: closID, spec: SPEC } as const;
      found.error({ ...place, code: "RDT_CLOS_ID", message: 'must be the name of one directory, or "/" for the root' });
    }
    if (!l3CacheSchema.startsWith("L3:") || l3CacheSchema.includes("\n")) {
      const place = { pointer: "/linux/intelRdt/l3CacheSchema", value: l3CacheSchema, spec: SPEC } as const;
      found.warning({ ...place, code: "RDT_L3_SCHEMA", message: 'should be one line that begins with "L3:"' });
    }
    for (const [index, value] of schemata.entries()) {
      if (!value.includes("\n")) continue;
      const place = { pointer: pointerTo("/linux/intelRdt/schemata", index), value, spec: SPEC } as const;
      found.error({ ...place, code: "RDT_SCHEMATA", message: "must be one line", fix: "make an entry of each line" });
    }
  },
};

const SPEC = "config-linux.md#intelrdt";
