import assert from "node:assert/strict";
import { test } from "node:test";
import { diffConfigs, printConfigChanges } from "../../../src/config/config-diff.ts";

const CASES: readonly {
  readonly what: string;
  readonly before: object;
  readonly after: object;
  readonly text: string;
}[] = [
  { what: "nothing", before: { a: [1, { b: 2 }] }, after: { a: [1, { b: 2 }] }, text: "" },
  {
    what: "a mount by its destination, wherever it is",
    before: { mounts: [{ destination: "/a" }, { destination: "/b", options: ["ro"] }] },
    after: { mounts: [{ destination: "/b", options: ["rw"] }, { destination: "/a" }, { destination: "/c" }] },
    text: '- /mounts/0/options/0: "ro"\n+ /mounts/0/options/0: "rw"\n+ /mounts/2: {"destination":"/c"}\n',
  },
  {
    what: "a variable by its name",
    before: { process: { env: ["A=1", "B=2"] } },
    after: { process: { env: ["B=3", "A=1"] } },
    text: '~ /process/env/0: "B=2" → "B=3"\n',
  },
  {
    what: "a set of capabilities",
    before: { bounding: ["CAP_KILL", "CAP_CHOWN"] },
    after: { bounding: ["CAP_CHOWN", "CAP_MKNOD"] },
    text: '- /bounding/0: "CAP_KILL"\n+ /bounding/1: "CAP_MKNOD"\n',
  },
  {
    what: "arguments by their place",
    before: { args: ["a", "a"] },
    after: { args: ["a", "b", "a"] },
    text: '~ /args/1: "a" → "b"\n+ /args/2: "a"\n',
  },
  {
    what: "integers beyond 2^53, and names that a pointer escapes",
    before: { "a/b": 18446744073709551615n },
    after: { "a/b": 1 },
    text: "~ /a~1b: 18446744073709551615 → 1\n",
  },
];

for (const { what, before, after, text } of CASES) {
  test(`diffConfigs tells ${what}`, () => {
    assert.equal(printConfigChanges(diffConfigs(before, after)), text);
  });
}
