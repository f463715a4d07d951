import type { Origin } from "../../base/origin.ts";
import { DEFAULT_DEVICE_MODE, DEFAULT_DEVICES, deviceNodePath } from "../../linux/devices.ts";
import type { PlanDraft } from "../draft.ts";
import type { Linux, PlanInput } from "../plan-input.ts";
import type { Stage } from "../step.ts";

type Device = NonNullable<Linux["devices"]>[number];

export interface BoundDevice {
  readonly slot: number;
  readonly path: string;
  readonly from: Origin;
}

const IMPLIED: Origin = { implied: "config-linux.md#default-devices" };

/**
 * In a user namespace mknod(2) is refused: the host's own devices are opened to be bound, by the parent where the
 * namespace's root could not reach them.
 */
export function openDevices(draft: PlanDraft, input: PlanInput, at: Stage): readonly BoundDevice[] {
  const defaults = DEFAULT_DEVICES.map(({ path }) => ({ path, from: IMPLIED }));
  const own = ownDevices(input).map(({ path }, index) => ({ path, from: deviceOrigin(index) }));
  const listed = new Set(own.map(({ path }) => path));
  return [...defaults.filter(({ path }) => !listed.has(path)), ...own].map(({ path, from }) => {
    const slot = draft.newSlot();
    draft.add(at, from, { op: "tree.open", slot, path, recursive: 0 });
    return { slot, path, from };
  });
}

export function addBoundDevices(draft: PlanDraft, devices: readonly BoundDevice[]): void {
  for (const { slot, path, from } of devices) {
    draft.add("init", from, {
      op: "mount.attach",
      slot,
      source: path,
      target: path,
      attrSet: 0,
      attrClear: 0,
      recursiveSet: 0,
      recursiveClear: 0,
      propagation: [],
      flags: 0,
    });
  }
}

/** The devices that every container has, unless the config lists the same path, and the config's own. */
export function addDevices(draft: PlanDraft, input: PlanInput): void {
  const own = ownDevices(input);
  for (const { path, major, minor } of DEFAULT_DEVICES) {
    if (own.some((device) => device.path === path)) continue;
    draft.add("init", IMPLIED, {
      op: "dev.node",
      path,
      type: "c",
      major,
      minor,
      mode: DEFAULT_DEVICE_MODE,
      uid: 0,
      gid: 0,
    });
  }
  own.forEach((device, index) => {
    draft.add("init", deviceOrigin(index), deviceNode(device));
  });
}

function ownDevices({ config }: PlanInput): readonly Device[] {
  return (config.linux?.devices ?? []).map((device) => ({ ...device, path: deviceNodePath(device.path) }));
}

function deviceOrigin(index: number): Origin {
  return { config: `/linux/devices/${index}` };
}

function deviceNode(device: Device) {
  return {
    op: "dev.node" as const,
    path: device.path,
    type: device.type === "u" ? "c" : device.type,
    major: device.major ?? 0,
    minor: device.minor ?? 0,
    mode: device.fileMode ?? DEFAULT_DEVICE_MODE,
    uid: device.uid ?? 0,
    gid: device.gid ?? 0,
  };
}

/** Source: config-linux.md#dev-symbolic-links. */
const SYMLINKS: readonly (readonly [string, string])[] = [
  ["/dev/fd", "/proc/self/fd"],
  ["/dev/stdin", "/proc/self/fd/0"],
  ["/dev/stdout", "/proc/self/fd/1"],
  ["/dev/stderr", "/proc/self/fd/2"],
  ["/dev/core", "/proc/kcore"],
  ["/dev/ptmx", "pts/ptmx"],
];

export function addDeviceLinks(draft: PlanDraft): void {
  for (const [path, target] of SYMLINKS) {
    draft.add("init", { implied: "config-linux.md#dev-symbolic-links" }, { op: "dev.symlink", path, target });
  }
}
