import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveScope } from "../../../../src/cgroup/systemd/scope-name.ts";

describe("resolveScope", () => {
  const CASES: readonly (readonly [path: string | undefined, user: boolean, unit: string, names: readonly string[]])[] =
    [
      ["machine.slice:libpod:abc", false, "libpod-abc.scope", ["machine.slice", "libpod-abc.scope"]],
      ["a-b-c.slice:p:n", false, "p-n.scope", ["a.slice", "a-b.slice", "a-b-c.slice", "p-n.scope"]],
      ["-.slice:p:n", false, "p-n.scope", ["p-n.scope"]],
      ["x.slice::n", false, "n.scope", ["x.slice", "n.scope"]],
      [":p:n", false, "p-n.scope", ["system.slice", "p-n.scope"]],
      [":p:n", true, "p-n.scope", ["user.slice", "p-n.scope"]],
      [undefined, false, "mydocker-box.scope", ["system.slice", "mydocker-box.scope"]],
      ["", true, "mydocker-box.scope", ["user.slice", "mydocker-box.scope"]],
    ];
  for (const [path, user, unit, names] of CASES) {
    it(`makes ${unit} of ${JSON.stringify(path)} for a ${user ? "user's" : "system's"} manager`, () => {
      const scope = resolveScope(path, "box", user);
      assert.deepEqual([scope.unit, scope.names, scope.problems], [unit, names, []]);
    });
  }

  const REFUSED: readonly (readonly [path: string, message: RegExp])[] = [
    ["/absolute", /slice:prefix:name/],
    ["a.slice:b", /slice:prefix:name/],
    ["a.slice:b:c:d", /slice:prefix:name/],
    ["a.slice:b:", /slice:prefix:name/],
    ["a:b:c", /the slice "a"/],
    ["a--b.slice:p:n", /the slice "a--b.slice"/],
    ["../x.slice:p:n", /the slice "..\/x.slice"/],
    ["a.slice:p/q:n", /the unit "p\/q-n.scope"/],
    [`a.slice:p:${"n".repeat(256)}`, /at most 255/],
  ];
  for (const [path, message] of REFUSED) {
    it(`refuses ${JSON.stringify(path).slice(0, 40)}`, () => {
      assert.match(
        resolveScope(path, "box", false)
          .problems.map((problem) => problem.message)
          .join("; "),
        message,
      );
    });
  }
});
