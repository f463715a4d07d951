import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, test } from "node:test";
import { LayerExtractor } from "../../../../src/engine/archive/layer-extractor.ts";
import type { TarEntry } from "../../../../src/engine/archive/tar-entry.ts";
import { type TarHandler, TarReader } from "../../../../src/engine/archive/tar-reader.ts";
import { END_OF_ARCHIVE, padding, tarHeader } from "../../../../src/engine/archive/tar-writer.ts";
import { packTree } from "../../../../src/engine/archive/tree-packer.ts";
import { close } from "../../../../src/sys/descriptors.ts";
import { openTree, readTreeXattrs } from "../../../../src/sys/tree.ts";
import { randomNumbers } from "../../../helpers/random-numbers.ts";

const isRoot = process.geteuid?.() === 0;
const skip = isRoot ? false : "needs root";
const scratch = mkdtempSync(join(tmpdir(), "layer-extractor-"));
after(() => rmSync(scratch, { recursive: true }));

type Part = Partial<TarEntry> & { readonly text?: string };

const ENTRY: TarEntry = {
  name: "f",
  target: "",
  kind: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  seconds: 1_700_000_000,
  nanoseconds: 0,
  major: 0,
  minor: 0,
  xattrs: [],
};

function archive(parts: readonly Part[]): Buffer {
  const entries = parts.map(({ text = "", ...changes }) => {
    const data = Buffer.from(text);
    return Buffer.concat([tarHeader({ ...ENTRY, ...changes, size: data.length }), data, padding(data.length)]);
  });
  return Buffer.concat([...entries, END_OF_ARCHIVE]);
}

/** Without the way that makes many files at once. */
function entriesOnly(extractor: LayerExtractor): TarHandler {
  return {
    entry: (entry, data) => extractor.entry(entry, data),
    begin: (entry) => extractor.begin(entry),
    data: (data) => extractor.data(data),
    end: () => extractor.end(),
  };
}

/** Extracts into `<fresh directory>/root`; what is beside that is outside. */
function extract(
  parts: readonly Part[] | Buffer,
  hasParent = true,
  maxBytes = 1 << 30,
  maxEntries = 50,
  isAtOnce = true,
): string {
  const outside = mkdtempSync(join(scratch, "case-"));
  const root = join(outside, "root");
  mkdirSync(root);
  const extractor = new LayerExtractor(root, { hasParent, limits: { maxBytes, maxEntries } });
  try {
    const reader = new TarReader(isAtOnce ? extractor : entriesOnly(extractor));
    reader.write(Buffer.isBuffer(parts) ? parts : archive(parts));
    reader.close();
    extractor.finish();
  } finally {
    extractor.close();
    assert.deepEqual(readdirSync(outside), ["root"], "something was written outside");
  }
  return root;
}

test("an archive's files are made with owner, mode, time and links", { skip }, () => {
  const root = extract([
    { name: "./", kind: "directory", mode: 0o711 },
    { name: "d", kind: "directory", mode: 0o1777, uid: 7, gid: 8, seconds: 1_000_000 },
    { name: "d/f", text: "text", mode: 0o4755, uid: 3_000_000, gid: 9 },
    { name: "d/h", kind: "hardlink", target: "d/f" },
    { name: "d/s", kind: "symlink", target: "/etc/passwd", uid: 5, gid: 5 },
    { name: "n/e/w", text: "w" },
    { name: "p", kind: "fifo", mode: 0o600 },
    { name: "null", kind: "character", major: 1, minor: 3, mode: 0o666 },
  ]);
  const file = statSync(join(root, "d/f"));
  assert.deepEqual([file.mode & 0o7777, file.uid, file.gid, file.nlink], [0o4755, 3_000_000, 9, 2]);
  assert.equal(file.mtimeMs, 1_700_000_000_000);
  assert.equal(statSync(join(root, "d")).mtimeMs, 1_000_000_000);
  assert.equal(statSync(join(root, "d")).mode & 0o7777, 0o1777);
  assert.equal(statSync(root).mode & 0o777, 0o711);
  assert.equal(readlinkSync(join(root, "d/s")), "/etc/passwd");
  assert.equal(lstatSync(join(root, "d/s")).uid, 5);
  assert.equal(readFileSync(join(root, "n/e/w"), "utf8"), "w");
  assert.ok(lstatSync(join(root, "p")).isFIFO());
  assert.equal(lstatSync(join(root, "null")).rdev, 0x103);
});

const HOSTILE: readonly (readonly [name: string, parts: readonly Part[], message: RegExp])[] = [
  ["a name with ..", [{ name: "../x", text: "x" }], /its name has "\.\."/],
  ["a name with .. inside", [{ name: "a/../../x", text: "x" }], /its name has "\.\."/],
  ["an absolute name", [{ name: "/tmp/x", text: "x" }], /its name is absolute/],
  ["a hard link to ..", [{ name: "x", kind: "hardlink", target: "../y" }], /its name has "\.\."/],
  ["a hard link to an absolute name", [{ name: "x", kind: "hardlink", target: "/etc/passwd" }], /its name is absolute/],
  [
    "a file through an absolute link",
    [
      { name: "l", kind: "symlink", target: "/tmp" },
      { name: "l/x", text: "x" },
    ],
    /a symbolic link in its path leads out/,
  ],
  [
    "a file through a relative link",
    [
      { name: "l", kind: "symlink", target: ".." },
      { name: "l/x", text: "x" },
    ],
    /a symbolic link in its path leads out/,
  ],
  [
    "a file through a chain of links",
    [
      { name: "a", kind: "directory" },
      { name: "a/b", kind: "symlink", target: "../c" },
      { name: "c", kind: "symlink", target: "../.." },
      { name: "a/b/x", text: "x" },
    ],
    /a symbolic link in its path leads out/,
  ],
  [
    "a hard link through a link",
    [
      { name: "l", kind: "symlink", target: "/etc" },
      { name: "x", kind: "hardlink", target: "l/passwd" },
    ],
    /a symbolic link in its path leads out/,
  ],
  [
    "a directory through a link",
    [
      { name: "l", kind: "symlink", target: "../.." },
      { name: "l/x", kind: "directory" },
    ],
    /a symbolic link in its path leads out/,
  ],
  [
    "a file below a file",
    [
      { name: "f", text: "x" },
      { name: "f/x", text: "x" },
    ],
    /leads through what is no directory/,
  ],
  ["a whiteout of ..", [{ name: "a/.wh...", text: "" }], /it hides no file/],
  [
    "a whiteout through a link",
    [{ name: "l", kind: "symlink", target: "/tmp" }, { name: "l/.wh.x" }],
    /a symbolic link in its path leads out/,
  ],
  ["more bytes than allowed", [{ name: "f", text: "x".repeat(2000) }], /it holds more than 1000 bytes/],
  ["more files than allowed", Array.from({ length: 60 }, (_, index) => ({ name: `f${index}` })), /more than 50 files/],
];

for (const [name, parts, message] of HOSTILE) {
  test(`${name} is refused, with nothing written outside`, { skip }, () => {
    assert.throws(() => extract(parts, true, name.includes("bytes") ? 1000 : 1 << 20), message);
    assert.equal(existsSync("/tmp/x"), false);
  });
}

test("a final link is replaced, and never written through", { skip }, () => {
  const victim = join(scratch, "victim");
  writeFileSync(victim, "safe");
  const root = extract([
    { name: "f", kind: "symlink", target: victim },
    { name: "f", text: "new" },
    { name: "g", kind: "symlink", target: victim },
    { name: "g", kind: "directory", mode: 0o777 },
  ]);
  assert.equal(readFileSync(victim, "utf8"), "safe");
  assert.equal(readFileSync(join(root, "f"), "utf8"), "new");
  assert.ok(lstatSync(join(root, "g")).isDirectory());
});

/** More than one thread makes at once. */
const MANY = 200;

test("many files in a row are made with owner, mode and time, whatever the umask, and also without their directories", {
  skip,
}, () => {
  const modes = [0o644, 0o4755, 0o666, 0, 0o2777, 0o1400];
  const parts = Array.from({ length: MANY }, (_, n) => ({
    name: `${n % 3 === 0 ? "./" : ""}d${Math.floor(n / 7)}/${"x".repeat(n % 120)}f${n}`,
    text: "z".repeat(n * 10),
    mode: modes[n % modes.length] ?? 0,
    uid: n % 4,
    gid: n % 5,
    seconds: 1_600_000_000 + n,
  }));
  const umask = process.umask(0o077);
  try {
    const root = extract(parts, true, 1 << 30, MANY);
    for (const { name, text, mode, uid, gid, seconds } of parts) {
      const made = statSync(join(root, name));
      assert.deepEqual([made.mode & 0o7777, made.uid, made.gid, made.mtimeMs], [mode, uid, gid, seconds * 1000], name);
      assert.equal(readFileSync(join(root, name), "utf8"), text);
    }
  } finally {
    process.umask(umask);
  }
});

test("many files in a row: the last of a name stays, and what is in the way goes", { skip }, () => {
  const many = Array.from({ length: MANY }, (_, n) => ({ name: `d/f${n % 150}`, text: `${n}` }));
  const root = extract(
    [{ name: "d/f70/x", text: "x" }, { name: "d/f71", kind: "symlink", target: "f72" }, ...many],
    true,
    1 << 30,
    500,
  );
  for (let n = 0; n < 150; n++)
    assert.equal(readFileSync(join(root, `d/f${n}`), "utf8"), `${n < MANY - 150 ? n + 150 : n}`);
});

test("many files in a row with one that leads out are refused, with nothing written outside", { skip }, () => {
  for (const at of [0, 50, 150, MANY - 1]) {
    const many = Array.from({ length: MANY }, (_, n) => ({ name: n === at ? "l/x" : `f${n}`, text: "x" }));
    const parts: readonly Part[] = [{ name: "l", kind: "symlink", target: ".." }, ...many];
    assert.throws(() => extract(parts, true, 1 << 20, 500), /a symbolic link in its path leads out/);
  }
});

test("files made at once and files made one by one are the same, whatever is in their way", { skip }, async () => {
  const seed = 20_261_129;
  const random = randomNumbers(seed);
  const kinds = ["directory", "symlink", "hardlink"] as const;
  for (let round = 0; round < 60; round++) {
    const name = () => Array.from({ length: 1 + random(2) }, () => `n${random(round + 4)}`).join("/");
    const parts = Array.from({ length: 80 }, (_, n): Part => {
      const kind = kinds[random(20)];
      if (kind === undefined)
        return { name: name(), text: `${n}`.repeat(random(300)), mode: random(0o1000), uid: random(2) };
      return { name: name(), kind, target: random(8) === 0 ? ".." : name() };
    });
    const [atOnce, oneByOne] = [await outcome(parts, true), await outcome(parts, false)];
    assert.equal(atOnce, oneByOne, `seed ${seed}, round ${round}`);
  }
});

/** What is packed of what was extracted, or why it was not. */
async function outcome(parts: readonly Part[], isAtOnce: boolean): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    const root = extract(parts, true, 1 << 30, 500, isAtOnce);
    await packTree(root, (chunk) => void chunks.push(Buffer.from(chunk)), { isLayer: true, seconds: 0 });
  } catch (error) {
    return String(error);
  }
  return Buffer.concat(chunks).toString("latin1");
}

function isWhiteout(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isCharacterDevice() && stats.rdev === 0;
}

/** The bytes of an extended attribute, in hexadecimal. */
function xattrOf(path: string, name: string): string {
  const root = openTree(dirname(path));
  try {
    const found = readTreeXattrs(root, basename(path)).find((xattr) => xattr.name === name);
    return Buffer.from(found?.value ?? []).toString("hex");
  } finally {
    close(root);
  }
}

const YES = Buffer.from("y").toString("hex");

test("whiteouts become the overlay's, in every order", { skip }, () => {
  const root = extract([
    { name: ".wh.gone" },
    { name: "d", kind: "directory" },
    { name: "d/.wh..wh..opq" },
    { name: ".wh.replaced" },
    { name: "replaced", kind: "directory" },
    { name: "own", text: "stays" },
    { name: ".wh.own" },
    { name: ".wh..wh.plnk", kind: "directory" },
  ]);
  assert.ok(isWhiteout(join(root, "gone")));
  assert.equal(xattrOf(join(root, "d"), "trusted.overlay.opaque"), YES);
  assert.equal(xattrOf(join(root, "replaced"), "trusted.overlay.opaque"), YES);
  assert.equal(readFileSync(join(root, "own"), "utf8"), "stays");
  assert.deepEqual(readdirSync(root).sort(), ["d", "gone", "own", "replaced"]);
});

test("a layer that hides everything has a whiteout for each name below", { skip }, () => {
  const lower = extract([{ name: "a/b", text: "x" }, { name: "c" }]);
  const root = mkdtempSync(join(scratch, "hides-"));
  const extractor = new LayerExtractor(root, { hasParent: true, lowers: [lower] });
  const reader = new TarReader(extractor);
  reader.write(archive([{ name: ".wh..wh..opq" }, { name: "a", kind: "directory" }]));
  reader.close();
  extractor.finish();
  extractor.close();
  assert.ok(isWhiteout(join(root, "c")));
  assert.equal(xattrOf(join(root, "a"), "trusted.overlay.opaque"), YES);
});

test("a layer without a parent has nothing to hide", { skip }, () => {
  assert.deepEqual(readdirSync(extract([{ name: ".wh.gone" }, { name: ".wh..wh..opq" }], false)), []);
});

test("extended attributes come byte for byte, and the overlay's own do not come", { skip }, () => {
  const value = Buffer.from([1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const root = extract([
    {
      name: "ping",
      mode: 0o755,
      xattrs: [
        { name: "security.capability", value },
        { name: "user.note", value: Buffer.from([0xff, 0x00, 0x80]) },
        { name: "trusted.overlay.redirect", value: Buffer.from("/etc") },
      ],
    },
  ]);
  assert.equal(xattrOf(join(root, "ping"), "security.capability"), value.toString("hex"));
  assert.equal(xattrOf(join(root, "ping"), "user.note"), "ff0080");
  assert.equal(xattrOf(join(root, "ping"), "trusted.overlay.redirect"), "");
});

test("a layer that is packed and extracted again is the same", { skip }, async () => {
  const first = extract([
    { name: "d", kind: "directory", mode: 0o700, uid: 1000, gid: 1000 },
    { name: "d/f", text: "text", uid: 2_500_000 },
    { name: "d/h", kind: "hardlink", target: "d/f" },
    { name: "d/.wh.gone" },
    { name: "o", kind: "directory" },
    { name: "o/.wh..wh..opq" },
    { name: "s", kind: "symlink", target: "d/f" },
    { name: "big", text: "y".repeat(3 << 20) },
    { name: "cap", xattrs: [{ name: "user.a", value: Buffer.from([0, 255]) }] },
  ]);
  const chunks: Buffer[] = [];
  await packTree(first, (chunk) => void chunks.push(Buffer.from(chunk)), { isLayer: true });
  const packed = Buffer.concat(chunks);
  const again: Buffer[] = [];
  await packTree(extract(packed), (chunk) => void again.push(Buffer.from(chunk)), { isLayer: true });
  assert.ok(packed.equals(Buffer.concat(again)));
  const names = execFileSync("tar", ["-tf", "-"], { input: packed }).toString();
  assert.match(names, /d\/\.wh\.gone\n/);
  assert.match(names, /o\/\.wh\.\.wh\.\.opq\n/);
});

test("GNU tar makes the same files of what packTree writes", { skip }, async () => {
  const tree = extract([
    { name: "d", kind: "directory", uid: 12, gid: 13 },
    { name: `d/${"n".repeat(180)}`, text: "long", uid: 3_000_000 },
    { name: "s", kind: "symlink", target: "t".repeat(150) },
    { name: "h", kind: "hardlink", target: `d/${"n".repeat(180)}` },
    { name: "\xc3\xa4", text: "utf-8" },
  ]);
  const file = join(scratch, "out.tar");
  const chunks: Buffer[] = [];
  await packTree(tree, (chunk) => void chunks.push(Buffer.from(chunk)), { isLayer: false });
  writeFileSync(file, Buffer.concat(chunks));
  const other = mkdtempSync(join(scratch, "gnu-"));
  execFileSync("tar", ["-xpf", file, "--numeric-owner", "--xattrs", "-C", other]);
  assert.equal(execFileSync("diff", ["-r", "--no-dereference", tree, other]).toString(), "");
  assert.equal(statSync(join(other, "h")).uid, 3_000_000);
  assert.equal(statSync(join(other, "h")).nlink, 2);
});
