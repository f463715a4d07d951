import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { encodePlan } from "../../src/plan/encode.ts";
import type { Plan } from "../../src/plan/step.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";

const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

const directory = mkdtempSync(join(tmpdir(), "mydocker-image-"));
after(() => rmSync(directory, { recursive: true }));

const compiler = ["clang", "gcc"].find((name) => hasSanitizers(name));
const skip = compiler === undefined && "no C compiler with AddressSanitizer and UBSan";

const PLAN: Plan = {
  verb: "create",
  id: "x",
  steps: [
    {
      at: "parent",
      from: { config: "/linux/cgroupsPath" },
      op: { op: "cgroup.mkdir", path: "/sys/fs/cgroup/x", own: 1, undo: "{}" },
    },
    {
      at: "init",
      from: { config: "/process" },
      op: { op: "caps.set", effective: 2n ** 63n, permitted: 1, inheritable: 0, ambient: 0 },
    },
    { at: "init", from: { config: "/process/args" }, op: { op: "exec", args: ["sh", "-c", ""], env: ["A=ü", "B="] } },
    { at: "init", from: { implied: "runtime.md#create" }, op: { op: "session.new" } },
  ],
};

const valid = Buffer.from(encodePlan(PLAN, ["/usr/bin/engine", "report-failure"]));

test("image decodes what encodePlan writes", { skip }, () => {
  assert.equal(decodeAll([valid]), "y");
});

test("image refuses every proper prefix of an image", { skip }, () => {
  const prefixes = Array.from({ length: valid.length }, (_, length) => valid.subarray(0, length));
  assert.equal(decodeAll(prefixes), "n".repeat(valid.length));
});

test("image refuses trailing bytes", { skip }, () => {
  assert.equal(decodeAll([Buffer.concat([valid, Buffer.from([0])]), Buffer.concat([valid, valid])]), "nn");
});

test("image refuses numbers that do not fit, signs, and impossible lengths", { skip }, () => {
  const text = valid.toString("latin1");
  const list = (length: string): string => ["3", "sh"].join("\0").replace("3", length);
  const broken = [
    text.replace(String(2n ** 63n), String(2n ** 64n)),
    text.replace(String(2n ** 63n), "-1"),
    text.replace(String(2n ** 63n), ""),
    text.replace("\x004\x002\0", "\x004294967297\x002\0"),
    text.replace(list("3"), list("4")),
    text.replace(list("3"), list("1000001")),
  ];
  for (const each of broken) assert.notEqual(each, text);
  assert.equal(decodeAll(broken.map((each) => Buffer.from(each, "latin1"))), "n".repeat(broken.length));
});

test("image never reads beyond its end, whatever bytes are damaged", { skip }, () => {
  const seed = 20_261_121;
  const random = generator(seed);
  const damaged = Array.from({ length: 20_000 }, () => damage(valid, random));
  assert.match(decodeAll(damaged), /^[yn]{20000}$/, `seed ${seed}`);
});

/** Damages up to four bytes, and sometimes cuts or repeats a part. */
function damage(image: Buffer, random: (below: number) => number): Buffer {
  const copy = Buffer.from(image);
  for (let count = random(4) + 1; count > 0; count--) copy[random(copy.length)] = random(256);
  const from = random(copy.length);
  const to = from + random(copy.length - from);
  if (random(4) === 0) return copy.subarray(from, to);
  return random(4) === 0 ? Buffer.concat([copy.subarray(0, to), copy.subarray(from)]) : copy;
}

/** A linear congruential generator (Numerical Recipes): the same damage at every run. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

let decoder: string | undefined;

function decodeAll(images: readonly Buffer[]): string {
  decoder ??= compileDecoder();
  const corpus = join(directory, "corpus");
  writeFileSync(corpus, Buffer.concat(images.flatMap((image) => [Buffer.from(`${image.length}\n`), image])));
  return execFileSync(decoder, [corpus], { encoding: "utf8", maxBuffer: 1 << 24 }).split("\n")[0] ?? "";
}

function compileDecoder(): string {
  const output = join(directory, "decoder");
  const sources = ["test/native/image-corpus.c", "native/image.c"].map((path) => join(PROJECT_ROOT, path));
  execFileSync(compiler ?? "cc", ["-std=c11", "-g", "-O1", ...SANITIZE, "-o", output, ...sources]);
  return output;
}

function hasSanitizers(name: string): boolean {
  const input = "int main(void) { return 0; }";
  const args = ["-x", "c", "-", ...SANITIZE, "-o", join(directory, "probe")];
  return spawnSync(name, args, { input }).status === 0;
}
