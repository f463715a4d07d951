import { SystemError } from "../../base/errors.ts";
import { errnoName } from "../../linux/errno.ts";
import { type MountOptionPairs, mountFilesystem, mountFrom } from "../../sys/mounts.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";

export interface OverlayMount {
  /** Absolute, the uppermost first. */
  readonly lowers: readonly string[];
  /** Absent: what is mounted is read-only. */
  readonly upper?: string;
  readonly work?: string;
  readonly target: string;
  /** Writes need not reach the disk, not even on fsync(2) or when it is unmounted. */
  readonly isVolatile?: boolean;
  /** For kernels that take all lower layers as one text: a directory, and the layers' names relative to it. */
  readonly relativeTo: string;
  readonly shortLowers: readonly string[];
}

/**
 * An upper layer is to hold whole files, so that it can be committed, and nothing that ties it to this mount. In a user
 * namespace the overlay's own marks go to attributes that need no privilege, and the kernel leaves the other two off by
 * itself; it refuses to be told. Source: Documentation/filesystems/overlayfs.rst.
 */
function plainOptions({ isVolatile }: OverlayMount): MountOptionPairs {
  const marks: MountOptionPairs = isInUserNamespace()
    ? [["userxattr", ""]]
    : [
        ["metacopy", "off"],
        ["redirect_dir", "off"],
      ];
  return [["index", "off"], ...marks, ...(isVolatile === true ? [["volatile", ""] as const] : [])];
}

/**
 * Mounts layers as one directory. Up to 500 layers by one option each (Linux 6.5); older kernels take one page of text.
 * Throws SystemError, with what the kernel says of it.
 */
export function mountOverlay(mount: OverlayMount): void {
  const { lowers, target } = mount;
  const options: MountOptionPairs = [
    ["source", "overlay"],
    ...lowers.map((lower) => ["lowerdir+", lower] as const),
    ...upperOptions(mount),
    ...plainOptions(mount),
  ];
  try {
    mountFilesystem({ type: "overlay", options, attributes: 0, target });
  } catch (error) {
    if (!takesNoSingleLayers(error)) throw error;
    mountFrom(mount.relativeTo, "overlay", oneText(mount), target);
  }
}

function upperOptions({ upper, work }: OverlayMount): MountOptionPairs {
  if (upper === undefined || work === undefined) return [];
  return [
    ["upperdir", upper],
    ["workdir", work],
  ];
}

/** Before Linux 6.5 the key is unknown, and said to be. */
function takesNoSingleLayers(error: unknown): boolean {
  if (!(error instanceof SystemError) || errnoName(error.failure.errno) !== "EINVAL") return false;
  return /unknown parameter|^[^:]*: [^:]*$/i.test(error.message) && error.failure.syscall === "fsconfig";
}

function oneText(mount: OverlayMount): string {
  const pairs: MountOptionPairs = [...upperOptions(mount), ...plainOptions(mount)];
  const rest = pairs.map(([key, value]) => (value === "" ? key : `${key}=${escaped(value)}`));
  return [`lowerdir=${mount.shortLowers.map(escaped).join(":")}`, ...rest].join(",");
}

/** In the text of all options, colons separate layers and commas options. */
function escaped(path: string): string {
  return path.replace(/[\\:,]/g, "\\$&");
}
