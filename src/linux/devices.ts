/** A device that every container has. Source: runtime-spec config-linux.md#default-devices. */
export interface DefaultDevice {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
}

/** The character devices to make in /dev, mode 0666. Numbers: the kernel's Documentation/admin-guide/devices.txt. */
export const DEFAULT_DEVICES: readonly DefaultDevice[] = [
  { path: "/dev/null", major: 1, minor: 3 },
  { path: "/dev/zero", major: 1, minor: 5 },
  { path: "/dev/full", major: 1, minor: 7 },
  { path: "/dev/random", major: 1, minor: 8 },
  { path: "/dev/urandom", major: 1, minor: 9 },
  { path: "/dev/tty", major: 5, minor: 0 },
];

/** The permissions of the default devices. */
export const DEFAULT_DEVICE_MODE = 0o666;

/** A line of the device controller's allow list; "*" is every number. */
export interface DeviceListEntry {
  readonly type: "b" | "c";
  readonly major: number | "*";
  readonly minor: number | "*";
  readonly access: string;
}

/**
 * What a container may use whatever its own list says: the default devices, the console, its pseudo-terminals, and
 * mknod(2) of any device, which gives no access to it. The same as runc's and crun's, so that images work alike.
 */
export const IMPLICIT_DEVICE_ACCESS: readonly DeviceListEntry[] = [
  { type: "c", major: "*", minor: "*", access: "m" },
  { type: "b", major: "*", minor: "*", access: "m" },
  { type: "c", major: 1, minor: 3, access: "rwm" }, // null
  { type: "c", major: 1, minor: 5, access: "rwm" }, // zero
  { type: "c", major: 1, minor: 7, access: "rwm" }, // full
  { type: "c", major: 1, minor: 8, access: "rwm" }, // random
  { type: "c", major: 1, minor: 9, access: "rwm" }, // urandom
  { type: "c", major: 5, minor: 0, access: "rwm" }, // tty
  { type: "c", major: 5, minor: 1, access: "rwm" }, // console
  { type: "c", major: 5, minor: 2, access: "rwm" }, // ptmx
  { type: "c", major: 136, minor: "*", access: "rwm" }, // pts/*
];

/** The path of a device's node as it is made: a "/" behind it changes nothing. */
export function deviceNodePath(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}
