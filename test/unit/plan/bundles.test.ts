import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkPlan } from "../../../src/plan/check.ts";
import { OP_TABLE } from "../../../src/plan/op-table.ts";
import { printPlan } from "../../../src/plan/print.ts";
import { BUNDLES_DIRECTORY, bundleNames, bundlePlans, compileBundle } from "../../../src/tools/bundle-plans.ts";

const README = readFileSync(join(BUNDLES_DIRECTORY, "README.md"), "utf8");

/** What no worked example can show: it needs a flag, or something that a host may not have. */
const NOT_SHOWN: readonly string[] = [
  "cgroup.chown", // another user, with the hierarchy to be written to
  "scope.set", // update
  "scope.attach", // exec
  "notify.mkdir", // NOTIFY_SOCKET
  "notify.listen",
  "notify.forward",
  "notify.remove",
  "pidfile.write", // --pid-file
  "pidfd.send", // --pidfd-socket
  "criu.run", // restore
  "criu.adopt",
  "tree.idmap_like", // a user namespace that is joined
  "console.connect", // --console-socket
  "root.move", // --no-pivot
  "net.device",
  "lsm.write",
  "seccomp.send",
];

describe("bundles", () => {
  for (const name of bundleNames()) {
    const plans = [...bundlePlans(name)];

    it(`${name} has a line in the README`, () => {
      assert.match(README, new RegExp(`^\\| \\[${name}\\]\\(${name}/config.json\\) `, "m"));
    });

    it(`${name} has no plan that nothing is compared with`, () => {
      const files = readdirSync(join(BUNDLES_DIRECTORY, name)).filter((file) => file.startsWith("plan"));
      const compared = plans.map(({ file }) => file);
      assert.deepEqual(files.sort(), compared.sort());
    });

    for (const wanted of plans) {
      it(`${name} is compiled to ${wanted.file} (update-bundles.ts writes it anew)`, () => {
        const plan = compileBundle(name, wanted);
        assert.equal(printPlan(plan, "text"), readFileSync(join(BUNDLES_DIRECTORY, name, wanted.file), "utf8"));
      });

      it(`${name}/${wanted.file} keeps the laws of order`, () => {
        checkPlan(compileBundle(name, wanted));
      });
    }
  }

  it("show every operation but a few", () => {
    const plans = bundleNames().flatMap((name) => bundlePlans(name).map((wanted) => compileBundle(name, wanted)));
    const shown = new Set<string>(plans.flatMap(({ steps }) => steps.map(({ op }) => op.op)));
    const missing = Object.keys(OP_TABLE).filter((name) => !shown.has(name));
    assert.deepEqual(missing, NOT_SHOWN);
  });
});
