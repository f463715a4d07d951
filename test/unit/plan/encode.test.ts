import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLAN_ABI } from "../../../src/plan/abi.gen.ts";
import { encodePlan } from "../../../src/plan/encode.ts";
import { OP_TABLE } from "../../../src/plan/op-table.ts";
import type { Plan, Step } from "../../../src/plan/step.ts";
import { bundleNames, bundlePlans, compileBundle } from "../../../src/tools/bundle-plans.ts";

const NAMES = Object.keys(OP_TABLE);

function planOf(...steps: readonly Step[]): Plan {
  return { verb: "run", id: "box", steps };
}

describe("encodePlan", () => {
  it("writes strings that end in NUL: numbers in decimal, lists behind their length", () => {
    const image = encodePlan(
      planOf(
        { at: "parent", from: { flag: "--pid-file" }, op: { op: "cgroup.open", slot: 3n, path: "/é" } },
        { at: "init", from: { config: "" }, op: { op: "exec", args: ["sh", ""], env: [] } },
        { at: "intermediate", from: { implied: "config.md" }, op: { op: "ns.become_root" } },
      ),
      ["/bin/runtime", "report"],
    );
    const code = (name: string): string => String(NAMES.indexOf(name));
    assert.deepEqual(image.split("\0"), [
      ...["mydocker-plan", PLAN_ABI, "3", "2", "/bin/runtime", "report"],
      ...[code("cgroup.open"), "0", "--pid-file", "3", "/é"],
      ...[code("exec"), "2", "/", "2", "sh", "", "0"],
      ...[code("ns.become_root"), "1", "implied config.md"],
      "",
    ]);
  });

  it("keeps numbers exact that a double cannot hold", () => {
    const keep = 2n ** 64n - 1n;
    const image = encodePlan(planOf({ at: "init", from: { config: "" }, op: { op: "caps.bounding", keep } }), []);
    assert.ok(image.includes("\x0018446744073709551615\0"));
  });

  for (const [what, step, reportArgv] of [
    ["a path", { op: "uts.hostname", name: "a\0b" }, []],
    ["a list", { op: "exec", args: ["a", "b\0c"], env: [] }, []],
    ["the command that reports failures", { op: "root.pivot" }, ["a\0b"]],
  ] as const) {
    it(`refuses a NUL in ${what}, which would shift all that follows`, () => {
      const plan = planOf({ at: "init", from: { config: "" }, op: step });
      assert.throws(() => encodePlan(plan, reportArgv), {
        name: "TypeError",
        message: "a string of the plan holds a NUL",
      });
    });
  }

  it("writes as many fields as the table says, for every plan of the bundles", () => {
    for (const plan of bundleNames().flatMap((name) =>
      bundlePlans(name).map((wanted) => compileBundle(name, wanted)),
    )) {
      const fields = encodePlan(plan, []).split("\0").slice(4, -1);
      assert.equal(countSteps(fields), plan.steps.length);
    }
  });
});

/** Walks the fields of the steps as native/image.c does. */
function countSteps(fields: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < fields.length; count++) {
    const name = NAMES[Number(fields[at])] as keyof typeof OP_TABLE;
    at += 3;
    for (const kind of Object.values(OP_TABLE[name].args)) at += kind === "list" ? 1 + Number(fields[at]) : 1;
    assert.ok(at <= fields.length, `${name} goes beyond the end`);
  }
  return count;
}
