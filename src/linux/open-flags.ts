/**
 * Flags of open(2) for descriptors that only name a file. Sources: include/uapi/asm-generic/fcntl.h, and
 * arch/arm64/include/uapi/asm/fcntl.h, which has another number for directories.
 */
export const O_PATH = 0o10000000;
const O_DIRECTORY = process.arch === "arm64" ? 0o40000 : 0o200000;

/** Names a directory, and fails with ENOTDIR for anything else. */
export const OPEN_DIRECTORY = O_PATH | O_DIRECTORY;
