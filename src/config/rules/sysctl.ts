import { pointerTo } from "../../base/json-pointer.ts";
import { dottedSysctl, namespaceOfSysctl, sysctlFile } from "../../linux/sysctls.ts";
import type { Finding, Findings } from "../findings.ts";
import type { Config } from "../types.gen.ts";
import { addNamespace, namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Only what belongs to a namespace of the container's own may change. Source: config-linux.md#sysctl, namespaces(7). */
export const sysctlRules: RuleArea = {
  about: ["/linux/sysctl"],
  also: ["/linux/namespaces", "/hostname", "/domainname"],
  check(config, found) {
    for (const [name, value] of Object.entries(config.linux?.sysctl ?? {})) checkSysctl(name, value, config, found);
  },
};

function checkSysctl(name: string, value: string, config: Config, found: Findings): void {
  const place = { pointer: pointerTo("/linux/sysctl", name), value, spec: "config-linux.md#sysctl" } as const;
  // An empty part or one of dots would lead out of the namespace's part of /proc/sys.
  if (
    sysctlFile(name)
      .split("/")
      .some((part) => /^\.{0,2}$/.test(part))
  ) {
    found.error({
      ...place,
      code: "SYSCTL_NAME",
      message: `is set for "${name}", which is no name of a kernel parameter`,
    });
    return;
  }
  const type = namespaceOfSysctl(dottedSysctl(name));
  if (type === undefined) {
    const message = `is set for "${name}", which belongs to the whole host and to no namespace`;
    found.error({ ...place, code: "SYSCTL_HOST", message, fix: "take it out, or set it on the host" });
  } else if (namespaceOf(config, type) === undefined) {
    const message = `is set for "${name}", which needs a namespace of type ${type} of the container's own`;
    found.error({ ...place, code: "SYSCTL_NAMESPACE", message, fix: addNamespace(type) });
  } else {
    checkConflict(dottedSysctl(name), value, config, place, found);
  }
}

/** Two properties for one name of the container: they must agree. */
function checkConflict(
  name: string,
  value: string,
  config: Config,
  place: Pick<Finding, "pointer" | "spec">,
  found: Findings,
): void {
  for (const member of ["hostname", "domainname"] as const) {
    const other = config[member];
    if (name !== `kernel.${member}` || !other || other === value) continue;
    const message = `contradicts /${member}, which is ${JSON.stringify(other)}`;
    found.error({ ...place, code: "SYSCTL_CONFLICT", value, message, fix: "take one of the two out" });
  }
}
