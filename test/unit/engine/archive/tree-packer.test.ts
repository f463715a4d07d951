import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { compressor } from "../../../../src/engine/archive/compression.ts";
import { END_OF_ARCHIVE, padding, tarHeader } from "../../../../src/engine/archive/tar-writer.ts";
import { type PackOptions, packTree } from "../../../../src/engine/archive/tree-packer.ts";

const scratch = mkdtempSync(join(tmpdir(), "tree-packer-"));
after(() => rmSync(scratch, { recursive: true }));

/** A root directory with these files; names and contents are bytes, one character each. */
function tree(name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(scratch, name);
  mkdirSync(directory);
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(Buffer.from(`${directory}/${file}`, "latin1"), Buffer.from(content, "latin1"), { mode: 0o640 });
    utimesSync(Buffer.from(`${directory}/${file}`, "latin1"), 1, 1);
  }
  return directory;
}

/** The parts are copied when they come: what is in them afterwards is another part. */
async function packed(directory: string, options: Partial<PackOptions> = {}): Promise<Buffer> {
  const parts: Buffer[] = [];
  const sink = (part: Uint8Array) => void parts.push(Buffer.from(part));
  await packTree(directory, sink, { isLayer: true, ...options });
  return Buffer.concat(parts);
}

const FACTS = { kind: "file", mode: 0o640, nanoseconds: 0, major: 0, minor: 0, target: "", xattrs: [] } as const;

const NAMES = {
  "a plain name": "plain",
  "as long as a field": "n".repeat(100),
  "longer than a field": "n".repeat(101),
  "with other letters": "gr\xc3\xbcn",
};

for (const [which, name] of Object.entries(NAMES)) {
  for (const owner of [
    { uid: 0, gid: 0o7777777 },
    { uid: 3_000_000, gid: 5 },
  ]) {
    test(`packTree writes the header that tarHeader does when a file has a name ${which} and the uid ${owner.uid}`, async () => {
      const content = "content\n".repeat(100);
      const directory = tree(`${which} ${owner.uid}`, { [name]: content });
      const header = tarHeader({ ...FACTS, ...owner, name, size: content.length, seconds: 1 });
      const body = [Buffer.from(content), padding(content.length), END_OF_ARCHIVE];
      assert.deepEqual(await packed(directory, { owner }), Buffer.concat([header, ...body]));
    });
  }
}

test("packTree gives every file whole when there are more than one part holds", async () => {
  const files = Object.fromEntries([...Array(300).keys()].map((n) => [`f${1000 + n}`, `${n}`.repeat(3000)]));
  const directory = tree("many", files);
  writeFileSync(join(directory, "z-large"), Buffer.alloc(3_000_001, "large"));
  const archive = await packed(directory, { owner: { uid: 1, gid: 1 } });
  const sizes = [...Object.values(files), "x".repeat(3_000_001)].map(
    ({ length }) => 512 + length + padding(length).length,
  );
  assert.equal(
    archive.length,
    sizes.reduce((sum, size) => sum + size, END_OF_ARCHIVE.length),
  );
  let at = 0;
  for (const [index, [name, content]] of Object.entries(files).entries()) {
    assert.equal(archive.toString("latin1", at, at + name.length), name);
    assert.equal(archive.toString("latin1", at + 512, at + 512 + content.length), content);
    at += sizes[index] ?? 0;
  }
  assert.equal(archive.toString("latin1", at + 512, at + 522), "largelarge");
});

test("packTree keeps the order of names when small files, large ones and others take turns", async () => {
  const directory = tree("turns", { "a-small": "a", "c-small": "c", "e-small": "e" });
  writeFileSync(join(directory, "b-large"), Buffer.alloc(1_500_000, "b"));
  mkdirSync(join(directory, "d-directory"));
  writeFileSync(join(directory, "d-directory/inside"), "inside");
  symlinkSync("a-small", join(directory, "f-link"));
  writeFileSync(join(directory, "g-half"), Buffer.alloc(700_000, "g"));
  writeFileSync(join(directory, "h-half"), Buffer.alloc(700_000, "h"));
  const path = join(scratch, "turns.tar");
  writeFileSync(path, await packed(directory));
  const listed = spawnSync("tar", ["-tf", path], { encoding: "utf8" }).stdout.trim().split("\n");
  const expected = [
    "a-small",
    "b-large",
    "c-small",
    "d-directory/",
    "d-directory/inside",
    "e-small",
    "f-link",
    "g-half",
  ];
  assert.deepEqual(listed, [...expected, "h-half"]);
  assert.equal(spawnSync("tar", ["-df", path, "-C", directory], { encoding: "utf8" }).stdout, "");
});

test("packTree leaves out what is gone before it is read", async () => {
  const names = [...Array(40).keys()].map((n) => `f${100 + n}`);
  const directory = tree("going", Object.fromEntries(names.map((name) => [name, "x"])));
  for (const name of names) truncateSync(join(directory, name), 300_000);
  let isFirst = true;
  const parts: Buffer[] = [];
  await packTree(
    directory,
    (part) => {
      // By now the directory is listed, and the first files are packed.
      if (isFirst) for (const name of names.slice(20)) rmSync(join(directory, name));
      isFirst = false;
      parts.push(Buffer.from(part));
    },
    { isLayer: true },
  );
  assert.equal(Buffer.concat(parts).length, 20 * (512 + 300_000 + padding(300_000).length) + END_OF_ARCHIVE.length);
});

test("packTree waits for its sink before it uses a buffer again", async () => {
  const directory = tree("slow", { "a-large": "", "b-large": "" });
  for (const name of ["a-large", "b-large"]) truncateSync(join(directory, name), 4 << 20);
  let taken = 0;
  let isBusy = false;
  const sink = async (part: Uint8Array) => {
    assert.equal(isBusy, false);
    isBusy = true;
    const before = Buffer.from(part);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(before.equals(part), "the part has changed");
    taken += part.length;
    isBusy = false;
  };
  await packTree(directory, sink, { isLayer: true });
  assert.equal(taken, 2 * (512 + (4 << 20)) + END_OF_ARCHIVE.length);
});

test("packTree fails as its sink does", async () => {
  const directory = tree("failing", { large: "" });
  truncateSync(join(directory, "large"), 4 << 20);
  const sink = () => Promise.reject(new Error("the disk is full"));
  await assert.rejects(packTree(directory, sink, { isLayer: true }), /the disk is full/);
});

test("packTree writes a second name as a link to the first", async () => {
  const directory = tree("links", { first: "x" });
  linkSync(join(directory, "first"), join(directory, "second"));
  symlinkSync("first", join(directory, "third"));
  const archive = await packed(directory);
  assert.equal(archive.toString("latin1", 1024 + 156, 1024 + 162), "1first");
  assert.equal(archive.toString("latin1", 1536 + 156, 1536 + 162), "2first");
  assert.equal(statSync(join(directory, "second")).nlink, 2);
});

test("compressor takes what it is given before its write ends", async () => {
  const parts: Uint8Array[] = [];
  const pump = compressor("gzip", (part) => void parts.push(part));
  const buffer = Buffer.alloc(1 << 20);
  for (const letter of ["a", "b", "c"]) {
    buffer.fill(letter);
    await pump.write(buffer);
  }
  await pump.end();
  const expected = ["a", "b", "c"].map((letter) => Buffer.alloc(1 << 20, letter));
  assert.ok(gunzipSync(Buffer.concat(parts)).equals(Buffer.concat(expected)));
});

test("compressor fails as its sink does, at one of the next calls", async () => {
  const pump = compressor("gzip", () => {
    throw new Error("the disk is full");
  });
  const write = async () => {
    for (let part = 0; part < 8; part += 1) await pump.write(crypto.getRandomValues(Buffer.alloc(65536)));
    await pump.end();
  };
  await assert.rejects(write(), /the disk is full/);
});

test("packTree goes on when what it has seen goes, or becomes something else", async () => {
  const directory = tree("changing", { "0": "x".repeat(3 << 20) });
  const at = (name: string) => join(directory, name);
  for (const name of ["1", "2", "3"]) symlinkSync("target", at(name));
  for (const name of ["4", "5", "6"]) mkdirSync(at(name));
  for (const name of ["7", "8", "9"]) writeFileSync(at(name), name);
  let isChanged = false;
  const parts: Uint8Array[] = [];
  // The names are read before the first part goes out.
  await packTree(
    directory,
    (part) => {
      parts.push(Buffer.from(part));
      if (isChanged) return;
      isChanged = true;
      for (const name of ["1", "2", "4", "5", "7", "8"]) rmSync(at(name), { recursive: true });
      for (const name of ["2", "5"]) writeFileSync(at(name), "");
      symlinkSync("/etc/passwd", at("8"));
    },
    { isLayer: true },
  );
  const { status, stdout } = spawnSync("tar", ["-t"], { input: Buffer.concat(parts), encoding: "utf8" });
  assert.equal(status, 0);
  const names = stdout.split("\n").filter((name) => name !== "");
  for (const name of ["0", "3", "6/", "9"]) assert.ok(names.includes(name), name);
  assert.ok(!names.includes("8"));
});
