import { SystemError } from "../../base/errors.ts";
import { errnoName } from "../../linux/errno.ts";
import { PERMISSIONS, S_IFDIR, S_IFMT } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import { type EntryKind, type EntryMetadata, lookTree, makeEntry, openTree, type TreeFacts } from "../../sys/tree.ts";

/** One file of an init layer. */
export interface InitItem {
  readonly path: string;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly target?: string;
}

type WantedItem = Omit<InitItem, "uid" | "gid">;

/**
 * What every container finds, as docker's has it: targets of mounts, which are no change of the container's, and the file by
 * which programs know that they are in one.
 */
const WANTED: readonly WantedItem[] = [
  { path: ".dockerenv", kind: "file", mode: 0o755 },
  { path: "dev", kind: "directory", mode: 0o755 },
  { path: "dev/console", kind: "file", mode: 0o755 },
  { path: "dev/pts", kind: "directory", mode: 0o755 },
  { path: "dev/shm", kind: "directory", mode: 0o755 },
  { path: "dev/mqueue", kind: "directory", mode: 0o755 },
  { path: "etc", kind: "directory", mode: 0o755 },
  { path: "etc/hostname", kind: "file", mode: 0o755 },
  { path: "etc/hosts", kind: "file", mode: 0o755 },
  { path: "etc/mtab", kind: "symlink", mode: 0o777, target: "/proc/mounts" },
  { path: "etc/resolv.conf", kind: "file", mode: 0o755 },
  { path: "proc", kind: "directory", mode: 0o755 },
  { path: "sys", kind: "directory", mode: 0o755 },
];

/**
 * What an init layer on this root filesystem needs: what is missing, and the directories above it as they are, because an
 * upper layer's directory decides owner and mode. What a symbolic link leads out of the root is left to the runtime.
 */
export function missingInitItems(rootfs: string): readonly InitItem[] {
  const root = openTree(rootfs);
  try {
    const looks = WANTED.map((item) => ({ item, facts: lookSafely(root, item.path) }));
    const links = looks.filter(({ item, facts }) => item.kind === "directory" && isOtherThanDirectory(facts));
    const usable = looks.filter(({ item }) => !links.some((link) => item.path.startsWith(link.item.path)));
    const missing = usable.filter(({ facts }) => facts === "missing").map(({ item }) => item);
    return usable.flatMap(({ item, facts }) => initItem(item, facts, missing));
  } finally {
    close(root);
  }
}

/** What an init layer on an empty root filesystem needs. */
export function allInitItems(): readonly InitItem[] {
  return WANTED.map((item) => ({ ...item, uid: 0, gid: 0 }));
}

/** Makes these files in an empty directory. */
export function makeInitLayer(directory: string, items: readonly InitItem[]): void {
  const root = openTree(directory);
  try {
    const seconds = Math.floor(Date.now() / 1000);
    for (const { path, kind, mode, uid, gid, target = "" } of items) {
      const metadata: EntryMetadata = { kind, mode, uid, gid, seconds, nanoseconds: 0, major: 0, minor: 0 };
      makeEntry(root, path, metadata, { target });
    }
  } finally {
    close(root);
  }
}

type Found = TreeFacts | "missing" | "elsewhere";

function isOtherThanDirectory(facts: Found): boolean {
  return facts === "elsewhere" || (facts !== "missing" && (facts.mode & S_IFMT) !== S_IFDIR);
}

function initItem(item: WantedItem, facts: Found, missing: readonly WantedItem[]): readonly InitItem[] {
  if (facts === "missing") return [{ ...item, uid: 0, gid: 0 }];
  if (facts === "elsewhere" || !missing.some(({ path }) => path.startsWith(`${item.path}/`))) return [];
  return [{ path: item.path, kind: "directory", mode: facts.mode & PERMISSIONS, uid: facts.uid, gid: facts.gid }];
}

function lookSafely(root: number, path: string): Found {
  try {
    return lookTree(root, path) ?? "missing";
  } catch (error) {
    if (error instanceof SystemError && errnoName(error.failure.errno) === "EXDEV") return "elsewhere";
    throw error;
  }
}
