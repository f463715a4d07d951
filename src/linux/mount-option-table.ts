import { MOUNT_ATTR, MS } from "./mount-flags.ts";

/** A flag of one mount, or one of the three access-time modes; `on: false` takes it away. */
export interface AttrEffect {
  readonly kind: "attr" | "atime";
  /** MOUNT_ATTR_* */
  readonly attr: number;
  /** MS_* */
  readonly ms: number;
  readonly on: boolean;
}

/** A flag of the superblock that every mount of the filesystem shares. */
export interface SuperblockEffect {
  readonly kind: "superblock";
  readonly ms: number;
  readonly on: boolean;
}

export type FlagEffect = AttrEffect | SuperblockEffect;

export type MountOptionEffect =
  | FlagEffect
  | { readonly kind: "propagation"; readonly ms: number }
  | { readonly kind: "bind" | "idmap" | "remount" | "tmpcopyup" | "nothing" };

/**
 * Every option that the runtime-spec lists for Linux, and what it does; all others belong to the filesystem. Attributes,
 * access times, propagation, `bind` and `idmap` have a recursive form with an "r" before the name ("rro", "rbind").
 * Source: config.md#linux-mount-options, mount(8) "filesystem-independent mount options", mount_setattr(2).
 */
export const MOUNT_OPTIONS: Readonly<Record<string, MountOptionEffect>> = {
  ro: { kind: "attr", attr: MOUNT_ATTR.RDONLY, ms: MS.RDONLY, on: true },
  rw: { kind: "attr", attr: MOUNT_ATTR.RDONLY, ms: MS.RDONLY, on: false },
  nosuid: { kind: "attr", attr: MOUNT_ATTR.NOSUID, ms: MS.NOSUID, on: true },
  suid: { kind: "attr", attr: MOUNT_ATTR.NOSUID, ms: MS.NOSUID, on: false },
  nodev: { kind: "attr", attr: MOUNT_ATTR.NODEV, ms: MS.NODEV, on: true },
  dev: { kind: "attr", attr: MOUNT_ATTR.NODEV, ms: MS.NODEV, on: false },
  noexec: { kind: "attr", attr: MOUNT_ATTR.NOEXEC, ms: MS.NOEXEC, on: true },
  exec: { kind: "attr", attr: MOUNT_ATTR.NOEXEC, ms: MS.NOEXEC, on: false },
  nodiratime: { kind: "attr", attr: MOUNT_ATTR.NODIRATIME, ms: MS.NODIRATIME, on: true },
  diratime: { kind: "attr", attr: MOUNT_ATTR.NODIRATIME, ms: MS.NODIRATIME, on: false },
  nosymfollow: { kind: "attr", attr: MOUNT_ATTR.NOSYMFOLLOW, ms: MS.NOSYMFOLLOW, on: true },
  symfollow: { kind: "attr", attr: MOUNT_ATTR.NOSYMFOLLOW, ms: MS.NOSYMFOLLOW, on: false },

  noatime: { kind: "atime", attr: MOUNT_ATTR.NOATIME, ms: MS.NOATIME, on: true },
  atime: { kind: "atime", attr: MOUNT_ATTR.NOATIME, ms: MS.NOATIME, on: false },
  relatime: { kind: "atime", attr: MOUNT_ATTR.RELATIME, ms: MS.RELATIME, on: true },
  norelatime: { kind: "atime", attr: MOUNT_ATTR.RELATIME, ms: MS.RELATIME, on: false },
  strictatime: { kind: "atime", attr: MOUNT_ATTR.STRICTATIME, ms: MS.STRICTATIME, on: true },
  nostrictatime: { kind: "atime", attr: MOUNT_ATTR.STRICTATIME, ms: MS.STRICTATIME, on: false },

  sync: { kind: "superblock", ms: MS.SYNCHRONOUS, on: true },
  async: { kind: "superblock", ms: MS.SYNCHRONOUS, on: false },
  dirsync: { kind: "superblock", ms: MS.DIRSYNC, on: true },
  mand: { kind: "superblock", ms: MS.MANDLOCK, on: true },
  nomand: { kind: "superblock", ms: MS.MANDLOCK, on: false },
  lazytime: { kind: "superblock", ms: MS.LAZYTIME, on: true },
  nolazytime: { kind: "superblock", ms: MS.LAZYTIME, on: false },
  iversion: { kind: "superblock", ms: MS.I_VERSION, on: true },
  noiversion: { kind: "superblock", ms: MS.I_VERSION, on: false },
  silent: { kind: "superblock", ms: MS.SILENT, on: true },
  loud: { kind: "superblock", ms: MS.SILENT, on: false },

  private: { kind: "propagation", ms: MS.PRIVATE },
  slave: { kind: "propagation", ms: MS.SLAVE },
  shared: { kind: "propagation", ms: MS.SHARED },
  unbindable: { kind: "propagation", ms: MS.UNBINDABLE },

  bind: { kind: "bind" },
  idmap: { kind: "idmap" },
  remount: { kind: "remount" },
  tmpcopyup: { kind: "tmpcopyup" },
  defaults: { kind: "nothing" },
};

export interface FoundMountOption {
  /** The name in the table, without the "r" of a recursive form. */
  readonly name: string;
  readonly effect: MountOptionEffect;
  readonly recursive: boolean;
}

/** Looks an option up in the table, also in its recursive form; undefined for one that belongs to the filesystem. */
export function findMountOption(option: string): FoundMountOption | undefined {
  const effect = ownEffect(option);
  if (effect !== undefined) return { name: option, effect, recursive: false };
  if (!option.startsWith("r")) return undefined;
  const name = option.slice(1);
  const base = ownEffect(name);
  return base !== undefined && hasRecursiveForm(base) ? { name, effect: base, recursive: true } : undefined;
}

/** Every option of the table and its recursive forms, sorted. Source: features.md#mount-options. */
export function mountOptionNames(): readonly string[] {
  const names: string[] = [];
  for (const [name, effect] of Object.entries(MOUNT_OPTIONS)) {
    names.push(name);
    if (hasRecursiveForm(effect)) names.push(`r${name}`);
  }
  return names.sort();
}

function ownEffect(name: string): MountOptionEffect | undefined {
  return Object.hasOwn(MOUNT_OPTIONS, name) ? MOUNT_OPTIONS[name] : undefined;
}

function hasRecursiveForm({ kind }: MountOptionEffect): boolean {
  return kind === "attr" || kind === "atime" || kind === "propagation" || kind === "bind" || kind === "idmap";
}
