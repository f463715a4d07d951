import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#personality. */
export const personalityRules: RuleArea = {
  about: ["/linux/personality"],
  check({ linux }, found) {
    const personality = linux?.personality;
    if (personality === undefined) return;
    if (personality.domain === undefined) {
      const place = { pointer: "/linux/personality/domain", spec: SPEC } as const;
      found.error({ ...place, code: "PERSONALITY_DOMAIN", message: "is required", fix: 'add "domain": "LINUX"' });
    }
    if (personality.flags !== undefined && personality.flags.length > 0) {
      const place = { pointer: "/linux/personality/flags", value: personality.flags, spec: SPEC } as const;
      const message = "must be empty: the spec defines no flag";
      found.error({ ...place, code: "PERSONALITY_FLAGS", message, fix: "take them out" });
    }
  },
};

const SPEC = "config-linux.md#personality";
