import assert from "node:assert/strict";
import { test } from "node:test";
import type { CliTable } from "../../../../src/cli/flag-table.ts";
import { joinCommandWords, namedGroup } from "../../../../src/engine/cli/join-words.ts";
import { splitClusters } from "../../../../src/engine/cli/split-clusters.ts";

const verb = (passThrough: boolean, flags: CliTable["globals"] = {}) => ({
  minArgs: 0,
  maxArgs: null,
  passThrough,
  flags,
});

const TABLE: CliTable = {
  globals: { root: { type: "string" }, debug: { type: "boolean" } },
  verbs: {
    run: verb(true, {
      interactive: { type: "boolean", short: "i" },
      tty: { type: "boolean", short: "t" },
      env: { type: "list", short: "e" },
      publish: { type: "list", short: "p" },
      name: { type: "string" },
    }),
    ps: verb(false),
    rmi: verb(false),
    "image prune": verb(false),
  },
};

for (const [line, words] of [
  ["run -it a", ["run", "-it", "a"]],
  ["image prune -f", ["image prune", "-f"]],
  ["image rm a", ["rmi", "a"]],
  ["container ls -a", ["ps", "-a"]],
  ["container run a image ls", ["run", "a", "image", "ls"]],
  ["--root image --debug container ls", ["--root", "image", "--debug", "ps"]],
  ["image nonsense", ["image", "nonsense"]],
  ["run image prune", ["run", "image", "prune"]],
] as const) {
  test(`joinCommandWords reads "${line}"`, () => {
    assert.deepEqual(joinCommandWords(line.split(" "), TABLE), words);
  });
}

test("namedGroup names a group that stands alone, and no argument of a command", () => {
  assert.equal(namedGroup(["--debug", "image", "--help"], TABLE), "image");
  assert.equal(namedGroup(["run", "image"], TABLE), undefined);
});

for (const [line, words] of [
  ["run -it a", ["run", "-i", "-t", "a"]],
  ["run -ti -eA=b a", ["run", "-t", "-i", "-e", "A=b", "a"]],
  ["run -ite A=b a -it", ["run", "-i", "-t", "-e", "A=b", "a", "-it"]],
  ["run -p8080:80 a", ["run", "-p", "8080:80", "a"]],
  ["run -p=8080:80 a", ["run", "-p", "8080:80", "a"]],
  ["run -ix a", ["run", "-ix", "a"]],
  ["run --name -it a", ["run", "--name", "-it", "a"]],
  ["run -e -it a -it", ["run", "-e", "-it", "a", "-it"]],
] as const) {
  test(`splitClusters reads "${line}"`, () => {
    assert.deepEqual(splitClusters(line.split(" "), TABLE), words);
  });
}
