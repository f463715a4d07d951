import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../../src/base/problem.ts";
import { defaultConfig } from "../../../src/config/default-config.ts";
import { validateProcess } from "../../../src/config/validate-process.ts";

const CONTAINER = defaultConfig({ rootless: true, uid: 1000, gid: 1000, cgroupNamespace: false });
const SOUND = { cwd: "/", args: ["sh"], user: { uid: 0, gid: 0 } };

describe("validateProcess", () => {
  it("returns a sound process as it is", () => {
    assert.deepEqual(validateProcess(SOUND, CONTAINER), { process: SOUND, warnings: [] });
    const ofRoot = { cwd: "/", args: ["sh"] };
    assert.deepEqual(validateProcess(ofRoot, CONTAINER).warnings, []);
  });

  it("names places from the process on, and keeps silent about the container", () => {
    const process = { ...SOUND, cwd: "x", colour: "red" };
    assert.throws(
      () => validateProcess(process, { ...CONTAINER, hostname: "x".repeat(99) }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(
          error.problems.map(({ pointer }) => pointer),
          ["/cwd", "/colour"],
        );
        return true;
      },
    );
  });

  it("checks ids against the container's user namespace", () => {
    assert.throws(() => validateProcess({ ...SOUND, user: { uid: 1, gid: 0 } }, CONTAINER), ConfigError);
  });

  it("refuses what is no process", () => {
    for (const value of [null, "sh", [], {}]) assert.throws(() => validateProcess(value, CONTAINER), ConfigError);
  });
});
