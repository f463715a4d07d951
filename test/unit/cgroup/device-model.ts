import fc from "fast-check";
import type { DeviceRules } from "../../../src/cgroup/device-rules.ts";
import { ANY, accessText, MKNOD, READ, WRITE } from "../../../src/cgroup/device-rules.ts";
import type { DeviceRule as DeviceRuleConfig } from "../../../src/config/types.gen.ts";

/** What a process asks the kernel for: mknod(2) alone, or open(2) for reading, writing or both. */
export interface DeviceRequest {
  readonly type: "b" | "c";
  readonly major: number;
  readonly minor: number;
  readonly access: number;
}

/** "+c 1:3 rwm" allows, "-b *:* m" denies. */
export function describeRules({ rules }: DeviceRules): readonly string[] {
  const number = (value: number) => (value === ANY ? "*" : String(value));
  return rules.map(
    ({ allow, type, major, minor, access }) =>
      `${allow ? "+" : "-"}${type} ${number(major)}:${number(minor)} ${accessText(access)}`,
  );
}

/** The definition: for every bit of the request, the last rule that matches decides, else the default. */
export function isAllowed({ allowByDefault, rules }: DeviceRules, request: DeviceRequest): boolean {
  return [READ, WRITE, MKNOD].every((bit) => {
    if ((request.access & bit) === 0) return true;
    const last = rules.findLast(
      ({ type, major, minor, access }) =>
        type === request.type &&
        (major === ANY || major === request.major) &&
        (minor === ANY || minor === request.minor) &&
        (access & bit) !== 0,
    );
    return last?.allow ?? allowByDefault;
  });
}

const NUMBERS = [1, 3, 5, 136] as const;

/** Lists over few numbers, so that rules overlap often. */
export const arbitraryDevices: fc.Arbitrary<readonly DeviceRuleConfig[]> = fc.array(
  fc.record(
    {
      allow: fc.boolean(),
      type: fc.constantFrom("a", "b", "c"),
      major: fc.constantFrom(-1, ...NUMBERS),
      minor: fc.constantFrom(-1, ...NUMBERS),
      access: fc.constantFrom("r", "w", "m", "rw", "rm", "wm", "rwm"),
    },
    { requiredKeys: ["allow"] },
  ),
  { maxLength: 8 },
);

/** Every request over the same numbers, and over one that no rule names. */
export const ALL_REQUESTS: readonly DeviceRequest[] = (["b", "c"] as const).flatMap((type) =>
  [...NUMBERS, 99].flatMap((major) =>
    [...NUMBERS, 99].flatMap((minor) =>
      [READ, WRITE, READ | WRITE, MKNOD].map((access) => ({ type, major, minor, access })),
    ),
  ),
);
