import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMountinfo } from "../../../src/sys/mountinfo.ts";

const TABLE = `22 27 0:21 / /proc rw,relatime - proc proc rw
36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue
40 31 0:37 / /mnt/a\\040b\\011c\\134d rw shared:7 - tmpfs with\\012newline rw,size=4k
41 31 0:38 /../.. /sys/fs/cgroup/unified ro,nosuid - cgroup2 cgroup2 rw,nsdelegate
`;

test("parseMountinfo reads every field when a line has optional fields", () => {
  assert.deepEqual(parseMountinfo(TABLE)[1], {
    id: 36,
    parentId: 35,
    device: "98:0",
    root: "/mnt1",
    mountpoint: "/mnt2",
    options: "rw,noatime",
    optionalFields: ["master:1", "propagate_from:2"],
    fsType: "ext3",
    source: "/dev/root",
    superOptions: "rw,errors=continue",
  });
});

test("parseMountinfo resolves octal escapes in paths and sources", () => {
  const entry = parseMountinfo(TABLE)[2];
  assert.equal(entry?.mountpoint, "/mnt/a b\tc\\d");
  assert.equal(entry?.source, "with\nnewline");
});

test("parseMountinfo keeps the table's order and only the lines asked for", () => {
  assert.deepEqual(
    parseMountinfo(TABLE).map(({ fsType }) => fsType),
    ["proc", "ext3", "tmpfs", "cgroup2"],
  );
  assert.deepEqual(
    parseMountinfo(TABLE, " - cgroup").map(({ root }) => root),
    ["/../.."],
  );
});

test("parseMountinfo leaves out lines of another form", () => {
  const damaged = ["", " - ", "1 2 0:1 / /x rw - ext4", "1 2 0:1 / /x rw shared:1 ext4 a b", "nonsense - x y z"];
  for (const line of damaged) assert.deepEqual(parseMountinfo(line), [], line);
  assert.equal(parseMountinfo("1 2 0:1 / /x rw - ext4 /dev/a rw").length, 1);
});
