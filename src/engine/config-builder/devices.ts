import type { Device, DeviceRule } from "../../config/types.gen.ts";
import { EngineError } from "../base/errors.ts";
import type { BundleInput } from "./bundle-input.ts";

/** linux.devices: what the container asked for; a privileged one has all of the host's. */
export function devicesOf({ hostConfig, devices, hostDevices }: BundleInput): readonly Device[] {
  const asked = devices.map(({ device }) => device);
  if (!hostConfig.Privileged) return asked;
  const paths = new Set(asked.map(({ path }) => path));
  return [...hostDevices.filter(({ path }) => !paths.has(path)), ...asked];
}

/** linux.resources.devices: nothing, then what every container may use, then what was asked for. */
export function deviceRules({ hostConfig, devices }: BundleInput): readonly DeviceRule[] {
  if (hostConfig.Privileged) return [{ allow: true, access: "rwm" }];
  return [
    { allow: false, access: "rwm" },
    ...DEFAULT_RULES,
    ...devices.map(({ device: { type, major, minor }, permissions }) => ({
      allow: true,
      type,
      major,
      minor,
      access: permissions,
    })),
    ...hostConfig.DeviceCgroupRules.map(parseRule),
  ];
}

const character = (major: number, minor: number): DeviceRule => ({
  allow: true,
  type: "c",
  major,
  minor,
  access: "rwm",
});

/** Making nodes does no harm: the other rules say which of them can be opened. Source: moby oci/defaults.go. */
const DEFAULT_RULES: readonly DeviceRule[] = [
  { allow: true, type: "c", access: "m" },
  { allow: true, type: "b", access: "m" },
  character(1, 3), // null
  character(1, 5), // zero
  character(1, 7), // full
  character(5, 0), // tty
  character(5, 2), // ptmx
  character(1, 8), // random
  character(1, 9), // urandom
  { allow: true, type: "c", major: 136, access: "rwm" }, // pts
];

/** "c 1:3 rwm", with "*" for any number. */
function parseRule(text: string): DeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (match === null)
    throw new EngineError(`invalid device cgroup format "${text}"`, {
      code: "ERR_USAGE",
      flag: "--device-cgroup-rule",
    });
  const [, type = "a", major = "*", minor = "*", access = "rwm"] = match;
  return {
    allow: true,
    type,
    ...(major !== "*" && { major: Number(major) }),
    ...(minor !== "*" && { minor: Number(minor) }),
    access,
  };
}
