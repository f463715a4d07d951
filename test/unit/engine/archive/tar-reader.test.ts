import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { formatPaxRecords } from "../../../../src/engine/archive/pax-records.ts";
import type { TarEntry } from "../../../../src/engine/archive/tar-entry.ts";
import { TarReader } from "../../../../src/engine/archive/tar-reader.ts";
import { padding, tarHeader } from "../../../../src/engine/archive/tar-writer.ts";

const scratch = mkdtempSync(join(tmpdir(), "tar-reader-"));
after(() => rmSync(scratch, { recursive: true }));

interface Read {
  readonly entry: TarEntry;
  readonly data: Buffer;
}

/** Reads an archive in parts of a size. */
function read(archive: Buffer, partBytes = archive.length): readonly Read[] {
  const found: Read[] = [];
  let parts: Buffer[] = [];
  let current: TarEntry | undefined;
  const reader = new TarReader({
    entry: (entry, data) => found.push({ entry, data: Buffer.from(data) }),
    begin: (entry) => {
      current = entry;
      parts = [];
    },
    data: (data) => parts.push(Buffer.from(data)),
    end: () => {
      assert.ok(current !== undefined);
      found.push({ entry: current, data: Buffer.concat(parts) });
    },
  });
  for (let at = 0; at < archive.length; at += partBytes) reader.write(archive.subarray(at, at + partBytes));
  reader.close();
  return found;
}

const LONG = `${"d".repeat(120)}/${"e".repeat(130)}`;

function makeTree(): string {
  const tree = mkdtempSync(join(scratch, "tree-"));
  writeFileSync(join(tree, "a"), "hello");
  writeFileSync(join(tree, "empty"), "");
  writeFileSync(join(tree, "block"), "x".repeat(512));
  writeFileSync(join(tree, "umläut"), "ü");
  writeFileSync(join(tree, "big"), Buffer.alloc((1 << 20) + 7, 1));
  symlinkSync("a", join(tree, "link"));
  symlinkSync("l".repeat(200), join(tree, "longlink"));
  linkSync(join(tree, "a"), join(tree, "hard"));
  mkdirSync(join(tree, LONG), { recursive: true });
  writeFileSync(join(tree, LONG, "f"), "deep");
  writeFileSync(join(tree, "sparse"), "");
  truncateSync(join(tree, "sparse"), 3 << 20);
  writeFileSync(join(tree, "sparse"), "end", { flag: "r+" });
  return tree;
}

function tar(tree: string, ...flags: readonly string[]): Buffer {
  return execFileSync("tar", ["--sort=name", ...flags, "-cf", "-", "-C", tree, "."], { maxBuffer: 1 << 26 });
}

/** What a file's data is, its holes filled. */
function whole({ entry, data }: Read): Buffer {
  if (entry.ranges === undefined) return data;
  const file = Buffer.alloc(entry.size);
  let at = 0;
  for (const { offset, length } of entry.ranges) {
    data.copy(file, offset, at, at + length);
    at += length;
  }
  return file;
}

const DIALECTS: readonly (readonly [name: string, ...flags: string[]])[] = [
  ["GNU", "--format=gnu"],
  ["old GNU with sparse files", "--format=gnu", "--sparse"],
  ["pax", "--format=pax"],
  ["pax with sparse files 1.0", "--format=pax", "--sparse", "--sparse-version=1.0"],
  ["pax with sparse files 0.1", "--format=pax", "--sparse", "--sparse-version=0.1"],
  ["pax with sparse files 0.0", "--format=pax", "--sparse", "--sparse-version=0.0"],
];

for (const [name, ...flags] of DIALECTS) {
  test(`TarReader reads the dialect ${name}, in parts of any size`, () => {
    const archive = tar(makeTree(), ...flags);
    for (const partBytes of [archive.length, 1 << 16, 1000]) {
      const files = new Map(
        read(archive, partBytes).map((one) => [Buffer.from(one.entry.name, "latin1").toString(), one]),
      );
      const text = (file: string) => whole(files.get(file) ?? assert.fail(`no ${file}`)).toString();
      assert.equal(text("./a"), "hello");
      assert.equal(text("./umläut"), "ü");
      assert.equal(text(`./${LONG}/f`), "deep");
      assert.equal(text("./big").length, (1 << 20) + 7);
      assert.equal(text("./sparse"), `end${"\0".repeat((3 << 20) - 3)}`);
      assert.equal(files.get("./link")?.entry.target, "a");
      assert.equal(files.get("./longlink")?.entry.target, "l".repeat(200));
      assert.equal(files.get("./hard")?.entry.kind, "hardlink");
      assert.equal(files.get("./hard")?.entry.target, "./a");
    }
  });
}

test("TarReader reads ids beyond 2 million, and times with fractions", () => {
  const tree = mkdtempSync(join(scratch, "ids-"));
  writeFileSync(join(tree, "f"), "");
  const ids = ["--owner=:3000000", "--group=:4000000000", "--mtime=@1234567890.25"];
  for (const format of ["gnu", "pax"]) {
    const [, file] = read(tar(tree, `--format=${format}`, ...ids));
    assert.equal(file?.entry.uid, 3_000_000);
    assert.equal(file?.entry.gid, 4_000_000_000);
    assert.equal(file?.entry.seconds, 1_234_567_890);
    assert.equal(file?.entry.nanoseconds, format === "pax" ? 250_000_000 : 0);
  }
});

test("TarReader refuses what is cut off, damaged or no archive", () => {
  const archive = tar(makeTree());
  assert.throws(() => read(archive.subarray(0, 700)), /it is cut off/);
  assert.throws(() => read(archive.subarray(0, 300)), /it is cut off/);
  assert.throws(() => read(Buffer.from("no archive".repeat(100))), /no tar archive/);
  const damaged = Buffer.from(archive);
  damaged[3] = (damaged[3] ?? 0) ^ 1;
  assert.throws(() => read(damaged), /a header is damaged/);
});

/** Every byte that is not expected anywhere must be an error of ours, and never another one. */
test("TarReader survives random damage", () => {
  const archive = tar(makeTree(), "--format=pax", "--sparse").subarray(0, 40_000);
  for (let round = 0; round < 2000; round++) {
    const damaged = Buffer.from(archive);
    for (let hits = 0; hits < 4; hits++)
      damaged[(round * 7919 + hits * 104729) % damaged.length] = (round * 31 + hits) % 256;
    try {
      read(damaged, 4096);
    } catch (error) {
      assert.match(String(error), /Cannot read the archive/);
    }
  }
});

const ENTRY: TarEntry = {
  name: "f",
  target: "",
  kind: "file",
  mode: 0o4755,
  uid: 1,
  gid: 2,
  size: 0,
  seconds: 1_700_000_000,
  nanoseconds: 0,
  major: 0,
  minor: 0,
  xattrs: [],
};

const WRITTEN: readonly (readonly [name: string, entry: Partial<TarEntry>])[] = [
  ["a plain file", {}],
  ["a long name", { name: `${"d/".repeat(200)}f` }],
  ["a name that ustar splits", { name: `${"d".repeat(100)}/${"e".repeat(90)}` }],
  ["bytes beyond ASCII", { name: "\xff\xc3\xa4\n" }],
  ["large ids", { uid: 3_000_000_000, gid: 2_097_152 }],
  ["a large file", { size: 2 ** 40 }],
  ["a time before 1970", { seconds: -5 }],
  ["a device", { kind: "character", major: 10, minor: 229 }],
  ["a long link", { kind: "symlink", target: "t".repeat(300) }],
  ["a directory", { kind: "directory", name: "d" }],
  [
    "file capabilities",
    { xattrs: [{ name: "security.capability", value: Buffer.from([1, 0, 0, 2, 255, 10, 61, 0]) }] },
  ],
];

for (const [name, changes] of WRITTEN) {
  test(`TarReader reads what tarHeader writes of ${name}`, () => {
    const entry = { ...ENTRY, ...changes };
    const seen: TarEntry[] = [];
    const reader = new TarReader({
      entry: (one) => seen.push(one),
      begin: (one) => seen.push(one),
      data() {},
      end() {},
    });
    reader.write(tarHeader(entry));
    if (entry.size > 0) assert.throws(() => reader.close(), /it is cut off/);
    else reader.close();
    const read = seen[0] ?? assert.fail("nothing was read");
    assert.deepEqual({ ...read, name: read.name.replace(/\/$/, "") }, entry);
  });
}

for (const type of ["x", "g", "L", "K", "0", "S"]) {
  test(`TarReader refuses an entry of type ${type} whose size is below zero`, () => {
    const header = tarHeader(ENTRY);
    // Base 256, two's complement: -512 would lead back to the same header.
    header.fill(0xff, 124, 136).writeUInt16BE(0xfe00, 134);
    setType(header, type);
    assert.throws(() => read(Buffer.concat([header, Buffer.alloc(2048)])), /-512 is no size/);
  });
}

/** And the checksum with it. */
function setType(header: Buffer, type: string): void {
  header.write(type, 156);
  header.write("        ", 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
}

test("TarReader refuses numbers of extended headers that other programs would read otherwise", () => {
  for (const [key, value] of [
    ["size", "0x10"],
    ["size", "1e1"],
    ["uid", " 5"],
  ] as const) {
    const body = Buffer.from(formatPaxRecords([[key, value]]));
    const extended = tarHeader({ ...ENTRY, size: body.length });
    setType(extended, "x");
    const archive = [extended, body, padding(body.length), tarHeader(ENTRY), Buffer.alloc(2048)];
    assert.throws(() => read(Buffer.concat(archive)), /NaN is no/, `${key}=${value}`);
  }
});
