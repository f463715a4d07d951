import { MOUNT_ATTR, MS } from "../../linux/mount-flags.ts";
import type { Op, OpName } from "../op-table.ts";
import type { CallTable } from "./host-calls.ts";
import {
  type ArgumentPattern,
  type CallPattern,
  call,
  type Expected,
  type Flags,
  flagText,
  JOURNAL_MADE,
  makingTarget,
  OPEN_NULL,
  slotName,
} from "./patterns.ts";

/** The container's file system, as its init makes it. Source: the ops_*.c of native/: mount, tree, dev, copy_up. */
export const MOUNT_CALLS = {
  "mount.propagation": ({ path, flags }) => [propagating(path, Number(flags))],
  "root.attach": ({ path, slot, privateParent }) => {
    const isOpen = Number(slot) !== 0;
    const root: ArgumentPattern = isOpen ? { fd: slotName(slot), alsoNamed: "root" } : { fd: "root" };
    return [
      ...(Number(privateParent) === 0 ? [] : [{ anyOf: [propagating(/./, MS.PRIVATE)] }]),
      ...(isOpen ? [] : [{ ...openingTree(path, true), gives: "root" }]),
      { call: "openat", args: [path, { has: "O_PATH" }], gives: "target" },
      call("move_mount", root, { fd: "target" }),
    ];
  },
  "tree.open": ({ slot, path, recursive }) => [
    { ...openingTree(path, Number(recursive) !== 0), gives: slotName(slot) },
  ],
  "tree.idmap": ({ slot }) => [
    { call: "clone3", fields: { flags: "CLONE_PIDFD|CLONE_NEWUSER" } },
    { call: "openat", args: [/^\/proc\/[0-9]+\/gid_map$/], gives: "file" },
    call("write", { fd: "file" }),
    { call: "openat", args: [/^\/proc\/[0-9]+\/uid_map$/], gives: "file" },
    call("write", { fd: "file" }),
    call("pidfd_send_signal", "SIGKILL"),
    idMapping(slot),
  ],
  "tree.idmap_like": ({ slot, path }) => [call("openat", "AT_FDCWD", path), idMapping(slot)],
  // Another process opens it, in the place of what stands there.
  "tree.open_inside": ({ slot }) => [
    { call: "openat", args: ["/", { has: "O_PATH" }], gives: slotName(slot) },
    { call: "clone3", fields: { flags: "CLONE_FILES" } },
  ],
  "tree.send": () => [call("sendmsg")],
  "tree.receive": ({ slot }) => [{ call: "recvmsg", gives: slotName(slot), from: "cmsg_data" }],
  "mount.attach": ({ slot, attrSet, attrClear, recursiveSet, recursiveClear, target, propagation }) => [
    ...attributes({ fd: slotName(slot) }, attrSet, attrClear, false),
    ...attributes({ fd: slotName(slot) }, recursiveSet, recursiveClear, true),
    ...attaching({ fd: slotName(slot) }, target, propagation),
  ],
  "mount.fs": (op) => [...making(op, inheritingMode(op)), ...attaching(MOUNT, op.target, op.propagation)],
  "mount.classic": ({ type, source, target, data, mountFlags, propagation }) => [
    ...makingTarget(target),
    call("mount", source, /^\/proc\/self\/fd\/[0-9]+$/, type, flagText(mountFlags, MS_FLAGS), data),
    { call: "openat2", args: [{ fd: "root" }, target], gives: "target" },
    ...propagations({ fd: "target" }, propagation),
  ],
  "mount.copy_up": (op) => [
    ...making({ ...op, attr: Number(op.attr) & ~MOUNT_ATTR.RDONLY }, inheritingMode(op)),
    { anyOf: COPYING },
    ...attaching(MOUNT, op.target, op.propagation),
    ...((Number(op.attr) & MOUNT_ATTR.RDONLY) === 0 ? [] : changing(op.target, MOUNT_ATTR.RDONLY, 0, false)),
  ],
  "mount.attr": ({ target, attrSet, attrClear, recursive, propagation }) => [
    ...changing(target, attrSet, attrClear, Number(recursive) !== 0),
    ...propagations({ fd: "target" }, propagation),
  ],
  "dev.node": deviceNode,
  "dev.symlink": ({ path, target }) => [
    ...makingTarget(parentOf(path)),
    { maybe: [JOURNAL_MADE] },
    { maybe: [call("symlinkat", target, { fd: "target" }, nameOf(path))] },
  ],
  "console.open": consoleOpen,
  "root.pivot": () => [
    { call: "openat", args: ["/"], gives: "old root" },
    call("fchdir", { fd: "root" }),
    call("pivot_root", ".", "."),
    call("fchdir", { fd: "old root" }),
    propagating(".", MS.SLAVE | MS.REC),
    call("umount2", ".", "MNT_DETACH"),
    call("chdir", "/"),
  ],
  "root.move": ({ hidden }) => [
    ...hidden.flatMap((path) => [propagating(path, MS.REC | MS.SLAVE), call("umount2", path, "MNT_DETACH")]),
    call("fchdir", { fd: "root" }),
    call("move_mount", { fd: "root" }, "/"),
    call("chroot", "."),
    call("chdir", "/"),
  ],
  "root.chroot": ({ path }) => [
    call("chroot", path),
    call("chdir", "/"),
    { call: "openat", args: ["/", { has: "O_PATH" }], gives: "root" },
  ],
  "root.open": () => [{ call: "openat", args: ["/", { has: "O_PATH" }], gives: "root" }],
  "root.propagation": ({ flags }) => propagations({ fd: "root" }, [String(flags)]),
  "root.readonly": () => attributes({ fd: "root" }, MOUNT_ATTR.RDONLY, 0, false),
  "path.readonly": ({ path }) => [
    {
      maybe: [
        opening(path),
        { call: "open_tree", args: [{ fd: "target" }, { has: "AT_RECURSIVE" }], gives: "mount" },
        ...attributes(MOUNT, MOUNT_ATTR.RDONLY, 0, true),
        call("move_mount", MOUNT, { fd: "target" }),
      ],
    },
  ],
  // A directory is covered by an empty file system, a file by the container's null device.
  "path.mask": ({ path }) => [
    { maybe: [opening(path), ...emptyMount(), call("move_mount", { fd: "mask" }, { fd: "target" })] },
    { maybe: [opening(path), EMPTY_CLONE, call("move_mount", MOUNT, { fd: "target" })] },
    { maybe: [opening(path), ...nullTree(), call("move_mount", MOUNT, { fd: "target" })] },
  ],
  "sysctl.write": ({ path, value }) => [
    { call: "openat2", args: [{ fd: "root" }, path], gives: "file" },
    call("write", { fd: "file" }, value),
  ],
} as const satisfies Partial<CallTable<OpName>>;

const MOUNT: ArgumentPattern = { fd: "mount" };
const EMPTY_CLONE: CallPattern = {
  call: "open_tree",
  args: [{ fd: "mask" }, { has: "OPEN_TREE_CLONE" }],
  gives: "mount",
};

const prefixed = (prefix: string, flags: Flags): Flags =>
  Object.fromEntries(Object.entries(flags).map(([name, bit]) => [prefix + name, bit]));

const { ATIME: _atime, RELATIME: _relatime, ...ATTRIBUTES } = MOUNT_ATTR;
const ATTR_FLAGS = prefixed("MOUNT_ATTR_", ATTRIBUTES);
const MS_FLAGS = prefixed("MS_", MS);

function idMapping(slot: number | bigint): CallPattern {
  return { call: "mount_setattr", args: [{ fd: slotName(slot) }], fields: { attr_set: "MOUNT_ATTR_IDMAP" } };
}

function attributes(
  mount: ArgumentPattern,
  set: number | bigint,
  clear: number | bigint,
  isRecursive: boolean,
): readonly CallPattern[] {
  if (Number(set) === 0 && Number(clear) === 0) return [];
  const fields = { attr_set: flagText(set, ATTR_FLAGS), attr_clr: flagText(clear, ATTR_FLAGS) };
  return [
    { call: "mount_setattr", args: [mount, isRecursive ? "AT_EMPTY_PATH|AT_RECURSIVE" : "AT_EMPTY_PATH"], fields },
  ];
}

/** Each number is a flag of mount(2), with MS_REC where it is meant for all mounts below. */
function propagations(mount: ArgumentPattern, flags: readonly string[]): readonly CallPattern[] {
  return flags.map((flag) => ({
    call: "mount_setattr",
    args: [mount, (Number(flag) & MS.REC) === 0 ? "AT_EMPTY_PATH" : "AT_EMPTY_PATH|AT_RECURSIVE"],
    fields: { propagation: flagText(Number(flag) & ~MS.REC, MS_FLAGS) },
  }));
}

/** As `propagations`, of a path. */
function propagating(path: string | RegExp, flags: number): CallPattern {
  return {
    call: "mount_setattr",
    args: [path, (flags & MS.REC) === 0 ? "0" : "AT_RECURSIVE"],
    fields: { propagation: flagText(flags & ~MS.REC, MS_FLAGS) },
  };
}

function openingTree(path: string, isRecursive: boolean): CallPattern {
  const flags = ["OPEN_TREE_CLONE", "OPEN_TREE_CLOEXEC", ...(isRecursive ? ["AT_RECURSIVE"] : [])];
  return call("open_tree", path, flags.join("|"));
}

interface NewMount {
  readonly type: string;
  readonly source: string;
  readonly data: readonly string[];
  readonly attr: number | bigint;
}

/** A filesystem as a detached mount. */
function making(
  { type, source, data, attr }: NewMount,
  first: readonly Expected[],
  gives = "mount",
): readonly Expected[] {
  return [
    { call: "fsopen", args: [type], gives: "context" },
    ...first,
    call("fsconfig", { fd: "context" }, "FSCONFIG_SET_STRING", "source", source),
    ...data.map(configuring),
    call("fsconfig", { fd: "context" }, "FSCONFIG_CMD_CREATE"),
    { call: "fsmount", args: [{ fd: "context" }, flagText(attr, ATTR_FLAGS)], gives },
  ];
}

function configuring(datum: string): CallPattern {
  const at = datum.indexOf("=");
  return at === -1
    ? call("fsconfig", { fd: "context" }, "FSCONFIG_SET_FLAG", datum)
    : call("fsconfig", { fd: "context" }, "FSCONFIG_SET_STRING", datum.slice(0, at), datum.slice(at + 1));
}

/** A tmpfs without a mode of its own takes that of the directory that it covers, where there is one. */
function inheritingMode({ type, data, target }: NewMount & { readonly target: string }): readonly Expected[] {
  if (type !== "tmpfs" || data.some((datum) => datum.startsWith("mode="))) return [];
  const mode = call("fsconfig", { fd: "context" }, "FSCONFIG_SET_STRING", "mode", /^[0-7]{4}$/);
  return [{ maybe: [opening(target), mode] }];
}

function attaching(mount: ArgumentPattern, target: string, propagation: readonly string[]): readonly Expected[] {
  return [...makingTarget(target), call("move_mount", mount, { fd: "target" }), ...propagations(mount, propagation)];
}

function opening(path: string): CallPattern {
  return { call: "openat2", args: [{ fd: "root" }, path], gives: "target" };
}

function changing(target: string, set: number | bigint, clear: number | bigint, isRecursive: boolean) {
  return [opening(target), ...attributes({ fd: "target" }, set, clear, isRecursive)];
}

/** One empty file system covers all directories: the first by itself, the others by clones. */
function emptyMount(): readonly Expected[] {
  const data = ["nr_blocks=1", "nr_inodes=1"];
  return making({ type: "tmpfs", source: "tmpfs", data, attr: MOUNT_ATTR.RDONLY }, [], "mask");
}

function nullTree(): readonly CallPattern[] {
  return [OPEN_NULL, { call: "open_tree", args: [{ fd: "null" }], gives: "mount" }];
}

/** A copy of whatever the image has there. */
const COPYING: readonly CallPattern[] = [
  ...["mkdirat", "mknodat", "symlinkat", "fchownat", "fchmod", "fchmodat", "fchown", "utimensat", "sendfile"],
  ...["fsetxattr", "openat", "fsconfig", "mount_setattr"],
].map((name) => call(name));

const NODE_TYPES: Readonly<Record<string, string>> = { b: "S_IFBLK", c: "S_IFCHR", p: "S_IFIFO" };

/** A device of the same kind and number that is there already is left as it is. */
function deviceNode(op: Extract<Op, { readonly op: "dev.node" }>): readonly Expected[] {
  const mode = `${NODE_TYPES[op.type]}|0${Number(op.mode).toString(8)}`;
  const name = nameOf(op.path);
  const number = op.type === "p" ? [] : [`makedev(${hexadecimal(op.major)}, ${hexadecimal(op.minor)})`];
  const make = call("mknodat", { fd: "target" }, name, mode, ...number);
  return [
    ...makingTarget(parentOf(op.path)),
    { maybe: [JOURNAL_MADE] },
    { maybe: [make, call("fchownat", { fd: "target" }, name, String(op.uid), String(op.gid))] },
  ];
}

function hexadecimal(value: number | bigint): string {
  return Number(value) === 0 ? "0" : `0x${value.toString(16)}`;
}

function consoleOpen({
  slot,
  rows,
  columns,
  uid,
  bind,
}: Extract<Op, { readonly op: "console.open" }>): readonly Expected[] {
  const tree: CallPattern = { call: "open_tree", args: [{ fd: "terminal" }], gives: "mount" };
  return [
    { call: "openat2", args: [{ fd: "root" }, "/dev/pts/ptmx"], gives: "master" },
    call("ioctl", { fd: "master" }, "TIOCSPTLCK"),
    { call: "ioctl", args: [{ fd: "master" }, "TIOCGPTPEER"], gives: "terminal" },
    ...(Number(rows) === 0 || Number(columns) === 0 ? [] : [call("ioctl", { fd: "master" }, "TIOCSWINSZ")]),
    { maybe: [call("fchown", { fd: "terminal" }, String(uid))] },
    ...(Number(bind) === 0 ? [] : [...makingTarget("/dev/console"), tree, call("move_mount", MOUNT, { fd: "target" })]),
    ...["0", "1", "2"].map((fd) => call("dup3", { fd: "terminal" }, fd)),
    call("ioctl", "0", "TIOCSCTTY"),
    call("sendmsg", ...(Number(slot) === 0 ? [] : [{ fd: slotName(slot) }])),
  ];
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
