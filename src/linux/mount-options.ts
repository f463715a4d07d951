import { MOUNT_ATTR, MS } from "./mount-flags.ts";
import { type AttrEffect, type FlagEffect, type FoundMountOption, findMountOption } from "./mount-option-table.ts";

/** What the options of one mount ask for, in the terms of the system calls that do it. */
export interface MountOptions {
  readonly bind: false | "bind" | "rbind";
  readonly remount: boolean;
  /** MOUNT_ATTR_* of this mount. Where an access-time mode is asked for, `attrClear` holds the whole ATIME field. */
  readonly attrSet: number;
  readonly attrClear: number;
  /** The same for this mount and all mounts below it (AT_RECURSIVE). */
  readonly recAttrSet: number;
  readonly recAttrClear: number;
  /** Names for fsconfig(FSCONFIG_SET_FLAG), at most one of each pair; none for a bind mount, which has no own superblock. */
  readonly sbFlags: readonly string[];
  /** In the order given: each is one call that changes the mount's propagation. */
  readonly propagation: readonly Propagation[];
  /** The options of the filesystem itself, "key" or "key=value", verbatim. */
  readonly data: readonly string[];
  readonly tmpcopyup: boolean;
  readonly idmap: false | "idmap" | "ridmap";
  /** MS_* of all the above but for the recursive attributes and the propagation, as mount(2) takes them. */
  readonly mountFlags: number;
  /** `iversion` or `silent` is on: fsconfig(2) has no such flag, only mount(2) has. */
  readonly needsMount2: boolean;
}

export interface Propagation {
  /** MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE. */
  readonly flag: number;
  readonly recursive: boolean;
}

/**
 * Sorts the options of one mount by what does them. Where options contradict each other, the last one wins.
 * Source: config.md#linux-mount-options, mount(8), mount_setattr(2).
 */
export function parseMountOptions(options: readonly string[]): MountOptions {
  const draft = newDraft();
  for (const option of options) {
    const found = findMountOption(option);
    if (found === undefined) addData(draft, option);
    else apply(draft, found);
  }
  return finish(draft);
}

/** Set and clear of mount_setattr(2), with the access-time field kept apart until it is known. */
interface AttrDraft {
  set: number;
  clear: number;
  atime: number | undefined;
}

interface Draft {
  readonly own: AttrDraft;
  readonly below: AttrDraft;
  readonly propagation: Propagation[];
  readonly data: string[];
  /** The options that are words rather than flags, such as "rbind". */
  readonly words: string[];
  /** The superblock options in force, one for each MS_* flag, in the order of their last mention. */
  readonly superblock: { readonly flags: number[]; readonly names: string[] };
  mountFlags: number;
}

function newDraft(): Draft {
  return {
    own: { set: 0, clear: 0, atime: undefined },
    below: { set: 0, clear: 0, atime: undefined },
    propagation: [],
    data: [],
    words: [],
    superblock: { flags: [], names: [] },
    mountFlags: 0,
  };
}

function apply(draft: Draft, { name, effect, recursive }: FoundMountOption): void {
  switch (effect.kind) {
    case "attr":
    case "atime":
      changeAttr(recursive ? draft.below : draft.own, effect);
      if (!recursive) changeMountFlags(draft, name, effect);
      break;
    case "superblock":
      changeMountFlags(draft, name, effect);
      break;
    case "propagation":
      draft.propagation.push({ flag: effect.ms, recursive });
      break;
    default:
      draft.words.push(recursive ? `r${name}` : name);
  }
}

function changeAttr(draft: AttrDraft, { kind, attr, on }: AttrEffect): void {
  if (kind === "attr") {
    draft.set = on ? draft.set | attr : draft.set & ~attr;
    draft.clear = on ? draft.clear & ~attr : draft.clear | attr;
  } else if (on) {
    draft.atime = attr;
  } else if (draft.atime === undefined || draft.atime === attr) {
    // What is left without the mode is the kernel's default, relatime; without relatime there is nothing to ask for.
    draft.atime = attr === MOUNT_ATTR.RELATIME ? undefined : MOUNT_ATTR.RELATIME;
  }
}

const MS_ATIME = MS.NOATIME | MS.RELATIME | MS.STRICTATIME;

/** The flags of one word that stand for a superblock: mount(2)'s MS_RDONLY makes both the mount and it read-only. */
const MS_SUPERBLOCK = MS.RDONLY | MS.SYNCHRONOUS | MS.DIRSYNC | MS.MANDLOCK | MS.LAZYTIME | MS.I_VERSION | MS.SILENT;

/** What fsconfig(2) does not know. Source: fs/fs_context.c (vfs_parse_sb_flag) of Linux 6.18. */
const MS_MOUNT2_ONLY = MS.I_VERSION | MS.SILENT;

function changeMountFlags(draft: Draft, name: string, { kind, ms, on }: FlagEffect): void {
  if (kind === "atime" && on) draft.mountFlags &= ~MS_ATIME;
  draft.mountFlags = on ? draft.mountFlags | ms : draft.mountFlags & ~ms;
  if ((ms & MS_SUPERBLOCK) === 0) return;
  const { flags, names } = draft.superblock;
  const known = flags.indexOf(ms);
  if (known !== -1) {
    flags.splice(known, 1);
    names.splice(known, 1);
  }
  if ((ms & MS_MOUNT2_ONLY) !== 0) return;
  flags.push(ms);
  names.push(name);
}

function finish(draft: Draft): MountOptions {
  const { own, below, words } = draft;
  const bind = words.includes("rbind") ? "rbind" : words.includes("bind") && "bind";
  return {
    bind,
    remount: words.includes("remount"),
    attrSet: own.set | (own.atime ?? 0),
    attrClear: own.clear | clearOfAtime(own),
    recAttrSet: below.set | (below.atime ?? 0),
    recAttrClear: below.clear | clearOfAtime(below),
    sbFlags: bind === false ? draft.superblock.names : [],
    propagation: draft.propagation,
    data: draft.data,
    tmpcopyup: words.includes("tmpcopyup"),
    idmap: words.includes("ridmap") ? "ridmap" : words.includes("idmap") && "idmap",
    mountFlags: draft.mountFlags | wordFlags(words),
    needsMount2: bind === false && (draft.mountFlags & MS_MOUNT2_ONLY) !== 0,
  };
}

function clearOfAtime({ atime }: AttrDraft): number {
  return atime === undefined ? 0 : MOUNT_ATTR.ATIME;
}

function wordFlags(words: readonly string[]): number {
  const bind = words.includes("rbind") ? MS.BIND | MS.REC : words.includes("bind") ? MS.BIND : 0;
  return bind | (words.includes("remount") ? MS.REMOUNT : 0);
}

/** Splits "a=1,b" as mount(2) would split its data: at commas that no backslash or double quote protects. */
function addData({ data }: Draft, option: string): void {
  if (option.includes(",")) data.push(...(option.match(/(?:\\.|"[^"]*"|[^,])+/gs) ?? []));
  else if (option !== "") data.push(option);
}
