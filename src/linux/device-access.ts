/** What is wrong with the access of a device rule. */
export interface DeviceAccessFault {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix: string;
}

/**
 * Looks at the access of a rule of linux.resources.devices; an empty one means all. An "a", which is what the kernel's
 * lists write for all types of devices, stands in configs that other runtimes run, and adds nothing: a warning. Source:
 * config-linux.md#allowed-device-list, and "Device Whitelist Controller" of the kernel's cgroup-v1 documentation.
 */
export function deviceAccessFault(access: string): DeviceAccessFault | undefined {
  if (/^[rwm]*$/.test(access)) return undefined;
  const known = [..."rwm"].filter((letter) => access.includes(letter)).join("");
  const fix = known === "" ? 'write some of "rwm"' : `write "${known}"`;
  if (known !== "" && /^[rwma]*$/.test(access)) {
    return { severity: "warning", message: 'has an "a", which means nothing beside r, w and m', fix };
  }
  return { severity: "error", message: "must be made of r (read), w (write) and m (mknod)", fix };
}
