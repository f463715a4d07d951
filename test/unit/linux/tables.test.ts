import assert from "node:assert/strict";
import { constants } from "node:os";
import { describe, it } from "node:test";
import { CAPABILITIES, capabilityNumber } from "../../../src/linux/capabilities.ts";
import { errnoName, errnoTable, errnoText } from "../../../src/linux/errno.ts";
import { ioPriorityValue } from "../../../src/linux/io-priority.ts";
import { NAMESPACES } from "../../../src/linux/namespaces.ts";
import { RLIMITS, rlimitNumber } from "../../../src/linux/rlimits.ts";

describe("the tables of src/linux", () => {
  it("number the capabilities without a gap", () => {
    assert.deepEqual(Object.values(CAPABILITIES), [...Array(41).keys()]);
    assert.equal(capabilityNumber("CAP_SYS_ADMIN"), 21);
    assert.equal(capabilityNumber("CAP_TOSTRING"), undefined);
    assert.equal(capabilityNumber("toString"), undefined);
  });

  it("number the resource limits without a gap", () => {
    assert.deepEqual(Object.values(RLIMITS), [...Array(16).keys()]);
    assert.equal(rlimitNumber("RLIMIT_NOFILE"), 7);
    assert.equal(rlimitNumber("RLIMIT_NOFILES"), undefined);
  });

  it("agree with the operating system about errno", () => {
    for (const [name, number] of Object.entries(constants.errno)) {
      if (["EWOULDBLOCK", "ENOTSUP", "EDEADLOCK"].includes(name)) continue;
      assert.equal(errnoName(number), name);
    }
    assert.equal(Object.keys(errnoTable()).length, 131);
    assert.equal(errnoText(2), "no such file or directory");
    assert.equal(errnoName(4096), "errno 4096");
    assert.equal(errnoText(4096), "unknown error 4096");
  });

  it("give every namespace type a bit of its own", () => {
    const flags = Object.values(NAMESPACES).map(({ cloneFlag }) => cloneFlag);
    assert.equal(new Set(flags).size, 8);
    assert.equal(
      flags.reduce((all, flag) => all | flag, 0),
      0x7e020080,
    );
  });

  it("pack an I/O priority as ioprio_set(2) wants it", () => {
    assert.equal(ioPriorityValue("IOPRIO_CLASS_BE", 4), (2 << 13) | 4);
  });
});
