import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { resolveCgroupPath } from "../../../src/cgroup/cgroup-path.ts";

test("resolveCgroupPath is the id when the config has no path", () => {
  for (const absent of [undefined, ""]) {
    const path = resolveCgroupPath(absent, "demo");
    assert.deepEqual(path, { names: ["demo"], from: { implied: "config-linux.md#cgroups-path" }, problems: [] });
  }
});

test("resolveCgroupPath takes absolute and relative paths alike", () => {
  for (const path of ["/a/b", "a/b", "//a/./b/", "./a//b/."]) {
    const { names, from, problems } = resolveCgroupPath(path, "demo");
    assert.deepEqual([names, problems], [["a", "b"], []], path);
    assert.deepEqual(from, { config: "/linux/cgroupsPath" });
  }
});

test("resolveCgroupPath refuses the root, characters that no cgroup has, and names that are too long", () => {
  const cases: readonly [path: string, code: string][] = [
    ["/", "CGROUP_PATH_ROOT"],
    [".", "CGROUP_PATH_ROOT"],
    ["a/..", "CGROUP_PATH_ROOT"],
    ["/a\nb", "CGROUP_PATH_CHARACTER"],
    ["/a\0b", "CGROUP_PATH_CHARACTER"],
    [`/${"é".repeat(128)}`, "CGROUP_PATH_TOO_LONG"],
    ["/name".repeat(800), "CGROUP_PATH_TOO_LONG"],
  ];
  for (const [path, code] of cases) {
    const { problems } = resolveCgroupPath(path, "demo");
    assert.deepEqual(
      problems.map((problem) => [problem.code, problem.severity]),
      [[code, "error"]],
      path,
    );
  }
});

test("resolveCgroupPath warns that dots never lead above the root", () => {
  const { names, problems } = resolveCgroupPath("../../etc/x", "demo");
  assert.deepEqual(names, ["etc", "x"]);
  assert.deepEqual(
    problems.map(({ code, severity }) => [code, severity]),
    [["CGROUP_PATH_DOTS", "warning"]],
  );
});

test("resolveCgroupPath never escapes, whatever the path", () => {
  const part = fc.oneof(fc.constantFrom("..", ".", "", "a"), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.boolean(), (parts, absolute) => {
      const path = (absolute ? "/" : "") + parts.join("/");
      const { names } = resolveCgroupPath(path, "id");
      for (const name of names) assert.ok(name !== "" && name !== "." && name !== ".." && !name.includes("/"));
      const again = resolveCgroupPath(`/${names.join("/")}`, "id");
      if (names.length > 0) assert.deepEqual(again.names, names);
    }),
  );
});
