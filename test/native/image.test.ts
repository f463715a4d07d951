import assert from "node:assert/strict";
import { after, test } from "node:test";
import { encodePlan } from "../../src/plan/encode.ts";
import type { Plan } from "../../src/plan/step.ts";
import { damagedCopies, SanitizedCorpus } from "../helpers/sanitized-corpus.ts";

const corpus = new SanitizedCorpus(["test/native/image-corpus.c", "native/image.c"]);
after(() => corpus.close());
const { skip } = corpus;

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
  assert.equal(corpus.run([valid]), "y");
});

test("image refuses every proper prefix of an image", { skip }, () => {
  const prefixes = Array.from({ length: valid.length }, (_, length) => valid.subarray(0, length));
  assert.equal(corpus.run(prefixes), "n".repeat(valid.length));
});

test("image refuses trailing bytes", { skip }, () => {
  assert.equal(corpus.run([Buffer.concat([valid, Buffer.from([0])]), Buffer.concat([valid, valid])]), "nn");
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
  assert.equal(corpus.run(broken.map((each) => Buffer.from(each, "latin1"))), "n".repeat(broken.length));
});

test("image never reads beyond its end, whatever bytes are damaged", { skip }, () => {
  const seed = 20_261_121;
  assert.match(corpus.run(damagedCopies(valid, 20_000, seed)), /^[yn]{20000}$/, `seed ${seed}`);
});
