import type { Problem } from "../base/problem.ts";
import type { DeviceRule as DeviceRuleConfig } from "../config/types.gen.ts";
import type { DeviceProgramAttach, Settings } from "./cgroup-plan.ts";
import type { DeviceRules } from "./device-rules.ts";
import { deviceRuleProblems, deviceRules } from "./device-rules.ts";
import type { Places } from "./place.ts";
import { resource } from "./target.ts";
import { deviceListOf } from "./v1/device-list.ts";
import { compileDevicesV1, deviceProblemsV1 } from "./v1/devices.ts";
import { compileDeviceProgram } from "./v2/device-program.ts";

/**
 * Compiles linux.resources.devices for the v1 controller, or to a program where v1 does not have it. Nothing is
 * restricted for ordinary users, who cannot make or open more than files permit.
 * Source: config-linux.md#allowed-device-list.
 */
export function compileDevices(
  devices: readonly DeviceRuleConfig[] | undefined,
  places: Places,
  rootless: boolean,
): Settings {
  const problems = deviceRuleProblems(devices);
  if (rootless) return { writes: [], problems };
  const rules = deviceRules(devices);
  const v1 = places.v1Controllers.get("devices");
  if (v1 !== undefined) {
    const list = deviceListOf(rules);
    return { writes: compileDevicesV1(list, v1.target), problems: [...problems, ...deviceProblemsV1(list, devices)] };
  }
  if (places.v2 !== undefined) return { writes: [attach(rules, places.v2.target.directory)], problems };
  return { writes: [], problems: [...problems, ...unenforced(devices)] };
}

/** The write that puts a device program in place of the one there. */
export function attach(rules: DeviceRules, path: string): DeviceProgramAttach {
  return { kind: "deviceProgram", path, program: compileDeviceProgram(rules), from: rules.from };
}

/** A list that only allows asks for nothing; one that denies must be refused where nothing can deny. */
function unenforced(devices: readonly DeviceRuleConfig[] = []): readonly Problem[] {
  if (devices.every(({ allow }) => allow)) return [];
  const message = "denies devices, which needs the cgroup controller devices or cgroup v2, and neither is mounted";
  const spec = "config-linux.md#allowed-device-list";
  return [{ code: "CGROUP_CONTROLLER", severity: "error", pointer: resource("devices"), message, spec }];
}
