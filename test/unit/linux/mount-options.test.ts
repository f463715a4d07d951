import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MOUNT_ATTR, MS } from "../../../src/linux/mount-flags.ts";
import { findMountOption, MOUNT_OPTIONS, mountOptionNames } from "../../../src/linux/mount-option-table.ts";
import { type MountOptions, parseMountOptions } from "../../../src/linux/mount-options.ts";

const NOTHING: MountOptions = parseMountOptions([]);

/** Options, and the members of the result that differ from those of no options at all. */
const CASES: readonly (readonly [readonly string[], Partial<MountOptions>])[] = [
  [["defaults"], {}],
  [["ro"], { attrSet: MOUNT_ATTR.RDONLY, sbFlags: ["ro"], mountFlags: MS.RDONLY }],
  [["rw"], { attrClear: MOUNT_ATTR.RDONLY, sbFlags: ["rw"] }],
  [["ro", "rw"], { attrClear: MOUNT_ATTR.RDONLY, sbFlags: ["rw"] }],
  [["rw", "ro"], { attrSet: MOUNT_ATTR.RDONLY, sbFlags: ["ro"], mountFlags: MS.RDONLY }],
  [["bind", "ro"], { bind: "bind", attrSet: MOUNT_ATTR.RDONLY, mountFlags: MS.BIND | MS.RDONLY }],
  [["rbind"], { bind: "rbind", mountFlags: MS.BIND | MS.REC }],
  [["rbind", "bind"], { bind: "rbind", mountFlags: MS.BIND | MS.REC }],
  [["bind", "sync", "silent"], { bind: "bind", mountFlags: MS.BIND | MS.SYNCHRONOUS | MS.SILENT }],
  [["remount"], { remount: true, mountFlags: MS.REMOUNT }],
  [["nosuid", "suid"], { attrClear: MOUNT_ATTR.NOSUID }],
  [["suid", "nosuid"], { attrSet: MOUNT_ATTR.NOSUID, mountFlags: MS.NOSUID }],
  [
    ["nodev", "noexec", "nosymfollow", "nodiratime"],
    {
      attrSet: MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC | MOUNT_ATTR.NOSYMFOLLOW | MOUNT_ATTR.NODIRATIME,
      mountFlags: MS.NODEV | MS.NOEXEC | MS.NOSYMFOLLOW | MS.NODIRATIME,
    },
  ],
  [["noatime"], { attrSet: MOUNT_ATTR.NOATIME, attrClear: MOUNT_ATTR.ATIME, mountFlags: MS.NOATIME }],
  [["relatime"], { attrClear: MOUNT_ATTR.ATIME, mountFlags: MS.RELATIME }],
  [
    ["noatime", "strictatime"],
    { attrSet: MOUNT_ATTR.STRICTATIME, attrClear: MOUNT_ATTR.ATIME, mountFlags: MS.STRICTATIME },
  ],
  [["strictatime", "noatime"], { attrSet: MOUNT_ATTR.NOATIME, attrClear: MOUNT_ATTR.ATIME, mountFlags: MS.NOATIME }],
  [["noatime", "atime"], { attrClear: MOUNT_ATTR.ATIME }],
  [["atime"], { attrClear: MOUNT_ATTR.ATIME }],
  [["norelatime"], {}],
  [["noatime", "nostrictatime"], { attrSet: MOUNT_ATTR.NOATIME, attrClear: MOUNT_ATTR.ATIME, mountFlags: MS.NOATIME }],
  [
    ["sync", "dirsync", "lazytime"],
    {
      sbFlags: ["sync", "dirsync", "lazytime"],
      mountFlags: MS.SYNCHRONOUS | MS.DIRSYNC | MS.LAZYTIME,
    },
  ],
  [["sync", "async"], { sbFlags: ["async"] }],
  [["mand", "nomand", "mand"], { sbFlags: ["mand"], mountFlags: MS.MANDLOCK }],
  [["iversion"], { mountFlags: MS.I_VERSION, needsMount2: true }],
  [["iversion", "noiversion"], {}],
  [["silent"], { mountFlags: MS.SILENT, needsMount2: true }],
  [["silent", "loud"], {}],
  [["rro", "rnosuid"], { recAttrSet: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID }],
  [["rro", "rrw"], { recAttrClear: MOUNT_ATTR.RDONLY }],
  [["rnoatime"], { recAttrSet: MOUNT_ATTR.NOATIME, recAttrClear: MOUNT_ATTR.ATIME }],
  [["rstrictatime", "rnostrictatime"], { recAttrClear: MOUNT_ATTR.ATIME }],
  [["ro", "rrw"], { attrSet: MOUNT_ATTR.RDONLY, recAttrClear: MOUNT_ATTR.RDONLY, sbFlags: ["ro"], mountFlags: 1 }],
  [
    ["rslave", "shared"],
    {
      propagation: [
        { flag: MS.SLAVE, recursive: true },
        { flag: MS.SHARED, recursive: false },
      ],
    },
  ],
  [["idmap"], { idmap: "idmap" }],
  [["ridmap"], { idmap: "ridmap" }],
  [["tmpcopyup", "size=1m"], { tmpcopyup: true, data: ["size=1m"] }],
  [["size=64k,mode=755", "", "gid=5"], { data: ["size=64k", "mode=755", "gid=5"] }],
  [["lowerdir=/a\\,b:/c,index=on"], { data: ["lowerdir=/a\\,b:/c", "index=on"] }],
  [['context="u:r:t:s0:c1,c2",nr_inodes=9'], { data: ['context="u:r:t:s0:c1,c2"', "nr_inodes=9"] }],
  [["acl", "rsync", "rdefaults", "toString"], { data: ["acl", "rsync", "rdefaults", "toString"] }],
];

describe("parseMountOptions", () => {
  for (const [options, difference] of CASES) {
    it(`sorts ${JSON.stringify(options)}`, () => {
      assert.deepEqual(parseMountOptions(options), { ...NOTHING, ...difference });
    });
  }

  it("never sets and keeps a plain flag at once, and clears the access-time field whole or not at all", () => {
    const option = fc.oneof(fc.constantFrom(...mountOptionNames()), fc.string());
    fc.assert(
      fc.property(fc.array(option), (options) => {
        const parsed = parseMountOptions(options);
        for (const [set, clear] of [
          [parsed.attrSet, parsed.attrClear],
          [parsed.recAttrSet, parsed.recAttrClear],
        ] as const) {
          assert.equal(set & clear & ~MOUNT_ATTR.ATIME, 0);
          assert.ok([0, MOUNT_ATTR.ATIME].includes(clear & MOUNT_ATTR.ATIME));
          if ((set & MOUNT_ATTR.ATIME) !== 0) assert.equal(clear & MOUNT_ATTR.ATIME, MOUNT_ATTR.ATIME);
        }
      }),
    );
  });

  it("lets the last option of a pair win", () => {
    const flags = Object.keys(MOUNT_OPTIONS).filter((name) => findMountOption(name)?.effect.kind === "attr");
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...flags)), fc.constantFrom(...flags), (before, last) => {
        const effect = findMountOption(last)?.effect;
        assert.ok(effect?.kind === "attr");
        const { attrSet, attrClear } = parseMountOptions([...before, last]);
        assert.equal((effect.on ? attrSet : attrClear) & effect.attr, effect.attr);
      }),
    );
  });
});

describe("mountOptionNames", () => {
  it("lists every option of the spec's table", () => {
    // The names of config.md#linux-mount-options at 1.3.0.
    const spec = `async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev
      nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind
      rdev rdiratime relatime remount rexec rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid
      rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared
      silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap`.split(/\s+/);
    assert.deepEqual(mountOptionNames(), spec.sort());
  });
});
