import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIdMap, parseSubids, probeRootless, subidsAreInFiles } from "../../../src/sys/subid.ts";

test("parseSubids reads lines by name and by number, and leaves out what is none", () => {
  assert.deepEqual(parseSubids("ann:100000:65536\n1000:165536:10\n\n# ann:1:1\n:5:5\nbob:x:1\nbob:7\n"), [
    { owner: "ann", first: 100_000, count: 65_536 },
    { owner: "1000", first: 165_536, count: 10 },
    { owner: "# ann", first: 1, count: 1 },
  ]);
});

test("parseIdMap reads the ids that exist inside", () => {
  assert.deepEqual(parseIdMap("         0       1000          1\n         1     100000      65536\n"), [
    { first: 0, count: 1 },
    { first: 1, count: 65_536 },
  ]);
});

test("subidsAreInFiles knows a directory service by nsswitch.conf", () => {
  assert.equal(subidsAreInFiles("passwd: files sss\n"), true);
  assert.equal(subidsAreInFiles("subid:  files\n"), true);
  assert.equal(subidsAreInFiles("passwd: files\nsubid: sss\n"), false);
});

test("probeRootless tells the name, or the number where there is none", () => {
  assert.equal(probeRootless(0).user, "root");
  assert.equal(probeRootless(4_000_000_000).user, "4000000000");
  assert.match(probeRootless(0).sysctls["user.max_user_namespaces"] ?? "", /^\d+$/);
});
