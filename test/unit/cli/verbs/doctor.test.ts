import assert from "node:assert/strict";
import { it } from "node:test";
import { main } from "../../../../src/cli/main.ts";
import type { HostFinding } from "../../../../src/runtime/index.ts";
import { fakeHost } from "../fake-host.ts";

const WARNING: HostFinding = {
  status: "warning",
  name: "criu",
  seen: "not\u001b[2Jinstalled",
  effect: "no checkpoints",
  fix: "install it",
};

async function outcomeOf(line: string, ...findings: readonly HostFinding[]) {
  const bundles: (string | undefined)[] = [];
  const host = fakeHost({
    examineHost: async (_context, options) => {
      bundles.push(options?.bundle);
      return [{ status: "ok", name: "kernel", seen: "Linux 6.1" }, ...findings];
    },
  });
  const status = await main(line.split(" "), host);
  assert.equal(host.written.stderr, "");
  return { status, bundles, stdout: host.written.stdout };
}

it("doctor ends with 0 for warnings and with 1 for what is missing", async () => {
  assert.equal((await outcomeOf("doctor", WARNING)).status, 0);
  assert.equal((await outcomeOf("doctor", { ...WARNING, status: "missing" })).status, 1);
});

it("doctor prints a line each, the effect and the fix below it, and no control characters", async () => {
  const { stdout, bundles } = await outcomeOf("doctor", WARNING);
  assert.deepEqual(bundles, [undefined]);
  assert.equal(
    stdout,
    [
      "ok       kernel  Linux 6.1",
      "warning  criu    not\\x1b[2Jinstalled",
      "         no checkpoints",
      "         fix: install it",
      "a container can run here: 1 ok, 1 warnings, 0 missing",
      "",
    ].join("\n"),
  );
});

it("doctor --format json has the same, with a relative bundle made absolute", async () => {
  const { stdout, bundles } = await outcomeOf("doctor --bundle sub -f json", { ...WARNING, status: "missing" });
  assert.deepEqual(bundles, ["/work/sub"]);
  const { canRun, facts } = JSON.parse(stdout);
  assert.equal(canRun, false);
  assert.deepEqual(facts[1], { ...WARNING, status: "missing" });
});
