import assert from "node:assert/strict";
import { test } from "node:test";
import { userName, userNameIn } from "../../../src/sys/user.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1::/:/usr/sbin/nologin
# a comment

:x:7:7::/:
second:x:1:1::/:
last:x:1000:1000::/home/last:/bin/sh`;

test("userNameIn gives the first name of the id, and the number when there is none", () => {
  for (const [uid, name] of [
    [0, "root"],
    [1, "daemon"],
    [1000, "last"],
    [7, "7"],
    [10, "10"],
  ] as const) {
    assert.equal(userNameIn(PASSWD, uid), name);
  }
});

test("userName reads the host's file", () => {
  assert.equal(userName(0), "root");
  assert.equal(userName(4294967294), "4294967294");
});
