import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";

export interface Kernel {
  /** As uname -r has it. */
  readonly release: string;
  /** What QEMU loads: unpacked where that was possible, which saves the emulated machine seconds. */
  readonly image: string;
}

const CACHE = join(PROJECT_ROOT, "build/vm");
/** Without these the machine cannot reach its root file system; kernels made for clouds lack the first. */
const NEEDED_DIRECTORIES = ["kernel/net/9p", "kernel/fs/overlayfs"];

/** The release of the oldest fitting kernel of this machine: the newer one runs the tests that need no VM. */
export function kernelRelease(): string | undefined {
  const releases = existsSync("/boot")
    ? readdirSync("/boot").flatMap((name) => (name.startsWith("vmlinuz-") ? name.slice("vmlinuz-".length) : []))
    : [];
  return releases
    .filter((release) => NEEDED_DIRECTORIES.every((name) => existsSync(`/lib/modules/${release}/${name}`)))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))[0];
}

/** Unpacks the kernel, once, into build/vm. */
export function kernelOf(release: string): Kernel {
  const packed = `/boot/vmlinuz-${release}`;
  const image = join(CACHE, `vmlinux-${release}`);
  if (existsSync(image) && statSync(image).mtimeMs > statSync(packed).mtimeMs) return { release, image };
  const unpacked = unpack(readFileSync(packed));
  if (unpacked === undefined) return { release, image: packed };
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(`${image}.${process.pid}`, unpacked);
  renameSync(`${image}.${process.pid}`, image);
  return { release, image };
}

/** First bytes of a payload and what unpacks it. */
const PACKERS: readonly (readonly [magic: string, argv: readonly [string, ...string[]]])[] = [
  ["fd377a585a00", ["xz", "--decompress", "--stdout", "--single-stream"]],
  ["28b52ffd", ["zstd", "--decompress", "--stdout", "--quiet"]],
  ["02214c18", ["lz4", "--decompress", "--stdout"]],
];

/** Offsets in the header of a bzImage. Source: the kernel's Documentation/arch/x86/boot.rst. */
const SETUP_SECTORS = 0x1f1;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR_BYTES = 512;
/** The size of what comes out stands behind the payload. */
const TRAILER_BYTES = 4;

function unpack(bzImage: Buffer): Buffer | undefined {
  const start = (bzImage.readUInt8(SETUP_SECTORS) + 1) * SECTOR_BYTES + bzImage.readUInt32LE(PAYLOAD_OFFSET);
  const payload = bzImage.subarray(start, start + bzImage.readUInt32LE(PAYLOAD_LENGTH) - TRAILER_BYTES);
  const argv = PACKERS.find(([magic]) => payload.subarray(0, magic.length / 2).toString("hex") === magic)?.[1];
  if (argv === undefined) return undefined;
  const { stdout, status } = spawnSync(argv[0], argv.slice(1), { input: payload, maxBuffer: 1 << 30 });
  return status === 0 && stdout.subarray(1, 4).toString() === "ELF" ? stdout : undefined;
}
