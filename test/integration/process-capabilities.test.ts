import assert from "node:assert/strict";
import { chmodSync, copyFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { parseReports, succeeded } from "../helpers/probe.ts";
import { bitsOf, parseProcStatus } from "../helpers/proc-status.ts";
import { assertSuccess } from "../helpers/test-box.ts";

const CAPABILITY_SETS = ["bounding", "effective", "inheritable", "permitted", "ambient"] as const;
const STATUS_KEYS = {
  bounding: "CapBnd",
  effective: "CapEff",
  inheritable: "CapInh",
  permitted: "CapPrm",
  ambient: "CapAmb",
};

containerTest("process.capabilities sets the five sets, each on its own", async (box) => {
  box.config.process.capabilities = {
    bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW", "CAP_AUDIT_WRITE"],
    permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"],
    inheritable: ["CAP_CHOWN", "CAP_KILL"],
    effective: ["CAP_CHOWN", "CAP_SETUID"],
    ambient: ["CAP_CHOWN"],
  };
  // Of root, execve would make all sets equal.
  box.config.process.user = { uid: 1000, gid: 1000 };
  const [status] = await box.look(["cat", "/proc/self/status"]);
  const sets = parseProcStatus(succeeded(status));
  const numbers = Object.fromEntries(CAPABILITY_SETS.map((set) => [set, bitsOf(sets[STATUS_KEYS[set]] ?? "")]));
  assert.deepEqual(numbers, {
    bounding: [0, 5, 7, 13, 29],
    // After execve of a program without file capabilities only the ambient ones are left (capabilities(7)).
    permitted: [0],
    inheritable: [0, 5],
    effective: [0],
    ambient: [0],
  });
});

containerTest("a command is looked up with the capabilities of the process, and of no other", async (box) => {
  copyFileSync(box.inRootfs("probe"), box.inRootfs("of-root"));
  chmodSync(box.inRootfs("of-root"), 0o700);
  box.config.process.args = ["/of-root", "args", "ran"];
  box.config.process.user = { uid: 1000, gid: 1000 };
  box.config.process.capabilities = {};
  const denied = await box.run();
  assert.match(denied.stderr, /permission denied/);
  const capabilities = ["CAP_DAC_OVERRIDE"];
  box.config.process.capabilities = { bounding: capabilities, permitted: capabilities, effective: capabilities };
  const allowed = await box.run();
  assert.deepEqual(parseReports(allowed.stdout), [["ran"]], allowed.stderr);
});

containerTest("process.capabilities of root are those of the bounding set", async (box) => {
  const [status] = await box.look(["cat", "/proc/self/status"]);
  const { CapBnd, CapEff, CapPrm, CapAmb, CapInh } = parseProcStatus(succeeded(status));
  assert.deepEqual(
    [CapBnd, CapEff, CapPrm].map((mask) => bitsOf(mask ?? "")),
    [
      [5, 10, 29],
      [5, 10, 29],
      [5, 10, 29],
    ],
  );
  assert.deepEqual(
    [CapInh, CapAmb].map((mask) => bitsOf(mask ?? "")),
    [[], []],
  );
});

containerTest(
  "without process.capabilities there are none",
  async (box) => {
    delete box.config.process.capabilities;
    const [status, chown] = await box.look(["cat", "/proc/self/status"], ["chown", "/dev/shm", "1", "1"]);
    const sets = parseProcStatus(succeeded(status));
    for (const key of Object.values(STATUS_KEYS)) assert.deepEqual(bitsOf(sets[key] ?? "1"), [], key);
    assert.deepEqual(chown, { error: "EPERM" });
  },
  { peerDeviations: { runc: "gives all" } },
);

containerTest("a capability that is granted can be used, one that is not cannot", async (box) => {
  const commands = [["raw-socket"], ["chown", "/dev/shm", "1", "1"]] as const;
  assert.deepEqual(await box.look(...commands), [{ error: "EPERM" }, { error: "EPERM" }]);
  for (const set of CAPABILITY_SETS)
    box.config.process.capabilities = { ...box.config.process.capabilities, [set]: ["CAP_NET_RAW", "CAP_CHOWN"] };
  assert.deepEqual(await box.look(...commands), [{ ok: true }, { ok: true }]);
});

containerTest(
  "an unknown capability is a warning",
  async (box) => {
    box.config.process.capabilities?.bounding?.push("CAP_NO_SUCH");
    box.setCommands(["exit", "0"]);
    const result = await box.run();
    assertSuccess(result);
    assert.match(result.stderr, /CAP_NO_SUCH/);
  },
  { peerDeviations: { crun: "1.8.1 says nothing" } },
);
