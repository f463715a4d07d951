import { utf8Length } from "../../linux/utf8-length.ts";
import { addNamespace, namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** The kernel's limit of both names, in bytes. Source: sethostname(2), __NEW_UTS_LEN. */
const NAME_MAX = 64;

/** Source: config.md#hostname, config.md#domainname, uts_namespaces(7). */
export const utsRules: RuleArea = {
  about: ["/hostname", "/domainname"],
  also: ["/linux/namespaces"],
  check(config, found) {
    for (const member of ["hostname", "domainname"] as const) {
      const value = config[member] ?? "";
      const place = { pointer: `/${member}`, value, spec: `config.md#${member}` } as const;
      if (value !== "" && namespaceOf(config, "uts") === undefined) {
        const message = "needs a uts namespace of the container's own: without one it would rename the host";
        found.error({ ...place, code: "UTS_NAMESPACE", message, fix: addNamespace("uts") });
      }
      if (utf8Length(value) > NAME_MAX) {
        found.error({ ...place, code: "UTS_NAME_LENGTH", message: `must be at most ${NAME_MAX} bytes long` });
      }
    }
  },
};
