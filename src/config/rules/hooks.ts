import { pointerTo } from "../../base/json-pointer.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#posix-platform-hooks. */
export const hookRules: RuleArea = {
  about: ["/hooks"],
  check({ hooks = {} }, found) {
    for (const kind of KINDS) {
      for (const [index, { path }] of (hooks[kind] ?? []).entries()) {
        if (path.startsWith("/")) continue;
        found.error({
          code: "HOOK_PATH_RELATIVE",
          pointer: pointerTo("/hooks", kind, index, "path"),
          value: path,
          message: "must be an absolute path: hooks are not looked up in PATH",
          spec: "config.md#posix-platform-hooks",
        });
      }
    }
  },
};

const KINDS = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"] as const;
