import assert from "node:assert/strict";
import { after, test } from "node:test";
import { entryPath } from "../../src/engine/archive/entry-name.ts";
import type { TarEntry } from "../../src/engine/archive/tar-entry.ts";
import { TarReader } from "../../src/engine/archive/tar-reader.ts";
import { padding, tarHeader } from "../../src/engine/archive/tar-writer.ts";
import { damagedCopies, SanitizedCorpus } from "../helpers/sanitized-corpus.ts";

const corpus = new SanitizedCorpus(["test/native/tar-file-corpus.c", "native/tar_file.c"]);
after(() => corpus.close());
const { skip } = corpus;

const FILE: TarEntry = {
  name: "d/f",
  target: "",
  kind: "file",
  mode: 0o4755,
  uid: 1000,
  gid: 1001,
  size: 0,
  seconds: 1_700_000_000,
  nanoseconds: 0,
  major: 0,
  minor: 0,
  xattrs: [],
};

function member(changes: Partial<TarEntry>, text = "text"): Buffer {
  const data = Buffer.from(text);
  return Buffer.concat([tarHeader({ ...FILE, ...changes, size: data.length }), data, padding(data.length)]);
}

const LONG = `${"d".repeat(120)}/${"f".repeat(90)}`;

test("tar_plain_file reads names, owners, modes, times and lengths", { skip }, () => {
  const parts = [
    member({}),
    member({ name: `./${LONG}` }, ""),
    member({ name: "x", mode: 0, seconds: 0 }, "1".repeat(512)),
    member({ name: "./d/e", kind: "directory" }, ""),
  ];
  const lines = corpus.lines([Buffer.concat(parts)]);
  assert.deepEqual(lines, [
    `${hex("d/f")} 4755 1000 1001 1700000000 4;${hex(LONG)} 4755 1000 1001 1700000000 0;${hex("x")} 0 1000 1001 0 512;` +
      `${hex("d/e")}/ 4755 1000 1001 1700000000 0;`,
  ]);
});

test("tar_plain_file leaves to others what is no plain file, or not all there", { skip }, () => {
  const names = ["../x", "a/../x", "/x", "a//x", "a/./x", "a/", "", ".", ".wh.x", "a/.wh..wh..opq", "ü"];
  const kinds: readonly TarEntry["kind"][] = ["symlink", "hardlink", "character", "fifo"];
  const whole = member({});
  const left = [
    ...names.map((name) => member({ name })),
    ...["", ".", "a/.", "..", "a/", ".wh.x"].map((name) => member({ name, kind: "directory" }, "")),
    ...kinds.map((kind) => member({ kind, target: "t" })),
    ...Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length)),
    member({ uid: 3_000_000 }),
    member({ xattrs: [{ name: "user.a", value: Buffer.from("b") }] }),
    member({}, "x".repeat((1 << 20) + 1)),
    Buffer.alloc(1024),
  ];
  assert.deepEqual([...new Set(corpus.lines(left))], [""]);
});

test("tar_plain_file reads no more than it has, and nothing else than TarReader, whatever is damaged", { skip }, () => {
  const seed = 20_261_129;
  const archive = Buffer.concat([
    member({}),
    member({ name: "z", kind: "directory" }, ""),
    member({ name: LONG }),
    member({ name: "../x" }),
  ]);
  const damaged = damagedCopies(archive, 20_000, seed).flatMap((copy) => [copy, withRightSums(copy)]);
  const lines = corpus.lines([...damaged, Buffer.from("end")]);
  for (const [index, copy] of damaged.entries()) {
    const line = lines[index] ?? "";
    assert.equal(line, read(copy).slice(0, line.length), `seed ${seed}, copy ${index}`);
  }
});

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

/** So that damage gets behind the checksum. */
function withRightSums(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  for (let at = 0; at + 512 <= copy.length; at += 512) {
    if (copy.toString("latin1", at + 257, at + 262) !== "ustar") continue;
    copy.fill(" ", at + 148, at + 156);
    const sum = copy.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    copy.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  }
  return copy;
}

/** The same of TarReader, up to what it refuses. */
function read(archive: Buffer): string {
  let text = "";
  const reader = new TarReader({
    entry: ({ name, kind, mode, uid, gid, seconds, size }) => {
      if (kind !== "file" && kind !== "directory") throw new Error("no file");
      text += `${hex(entryPath(name))}${kind === "directory" ? "/" : ""} ${mode.toString(8)} ${uid} ${gid} ${seconds} ${size};`;
    },
    begin: () => {},
    data: () => {},
    end: () => {},
  });
  try {
    reader.write(archive);
    reader.close();
  } catch {
    // What it read until then counts.
  }
  return text;
}
