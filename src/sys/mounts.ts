import { SystemError } from "../base/errors.ts";
import { attempt } from "./native.ts";

/** A filesystem's options, in order; an empty value makes a flag of the key. */
export type MountOptionPairs = readonly (readonly [key: string, value: string])[];

export interface NewMount {
  readonly type: string;
  readonly options: MountOptionPairs;
  /** MOUNT_ATTR_*, see linux/mount-flags.ts. */
  readonly attributes: number;
  readonly target: string;
}

/**
 * Mounts a new filesystem by the mount API of Linux 5.2, which takes each option by itself and as many as there are. What
 * the filesystem says of a failure is in the error. Throws SystemError. Source: fsopen(2), fsconfig(2), move_mount(2).
 */
export function mountFilesystem({ type, options, attributes, target }: NewMount): void {
  const pairs = options.map(([key, value]) => `${key}\0${value}\0`).join("");
  withMessage(() => {
    attempt(`mount ${type} on "${target}"`, (addon) => addon.mountFilesystem(type, pairs, attributes, target));
  });
}

/**
 * Mounts by mount(2), whose options are one page of text: paths in them may be relative to a directory, which makes them
 * short. Throws SystemError. Source: mount(2).
 */
export function mountFrom(directory: string, type: string, options: string, target: string): void {
  attempt(`mount ${type} on "${target}"`, (addon) => addon.mountFrom(directory, type, options, target));
}

/**
 * Shows a directory or file, with what is mounted in it, at another place too; the target may be /proc/self/fd/N. Throws
 * SystemError. Source: open_tree(2), mount_setattr(2).
 */
export function bindMount(source: string, target: string, isReadonly: boolean): void {
  attempt(`mount "${source}" on "${target}"`, (addon) => addon.bindMount(source, target, isReadonly ? 1 : 0));
}

/** Flags of umount2(2). Source: include/linux/fs.h. */
export const UNMOUNT_FLAGS = { detach: 2, noFollow: 8 } as const;

/** Removes the uppermost mount of a directory, at once or when nobody uses it any more. Source: umount2(2). */
export function unmount(path: string, detach = false): void {
  const flags = UNMOUNT_FLAGS.noFollow | (detach ? UNMOUNT_FLAGS.detach : 0);
  attempt(`unmount "${path}"`, (addon) => addon.unmount(path, flags));
}

function withMessage(mount: () => void): void {
  try {
    mount();
  } catch (error) {
    if (!(error instanceof SystemError) || error.failure.path === undefined) throw error;
    const { syscall, errno, path: message } = error.failure;
    throw new SystemError(`${error.message}: ${message}`, { syscall, errno });
  }
}
