import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#root. */
export const rootRules: RuleArea = {
  also: ["/root"],
  check({ root }, found) {
    if (root === undefined) {
      found.error({
        code: "ROOT_MISSING",
        pointer: "/root",
        message: "is required: the container needs a root filesystem",
        fix: 'add "root": {"path": "rootfs"}',
        spec: "config.md#root",
      });
    } else if (root.path === "") {
      found.error({
        code: "ROOT_PATH_EMPTY",
        pointer: "/root/path",
        value: root.path,
        message: "must name a directory",
        fix: 'write "rootfs"',
        spec: "config.md#root",
      });
    }
  },
};
