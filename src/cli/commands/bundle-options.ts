import type { Option } from "commander";
import { booleanFlag, countFlag, textFlag } from "../option-kinds.ts";

/** The flags of every verb that makes a container out of a bundle. */
export function bundleOptions(): readonly Option[] {
  return [
    textFlag("-b, --bundle <dir>", "the directory of config.json; the current directory when not given"),
    textFlag("--pid-file <file>", "write the process id of the container's init to this file, digits only"),
    textFlag("--console-socket <socket>", "a unix socket that is sent the master side of the container's terminal"),
    textFlag("--pidfd-socket <socket>", "a unix socket that is sent a pidfd of the container's init"),
    booleanFlag(
      "--no-pivot",
      "move the root mount and chroot instead of pivot_root: for a root filesystem on a ramfs, and less safe",
    ),
    booleanFlag("--no-new-keyring", "keep the caller's session keyring instead of making one for the container"),
    countFlag(
      "--preserve-fds <n>",
      "hand the container n file descriptors from 3 on, after the $LISTEN_FDS of socket activation",
    ),
  ];
}
