import assert from "node:assert/strict";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";

/** The runtime's side sets limits while the init works: what is too early shows now and then. */
const TIMES = 5;

const LIMITS = [
  { type: "RLIMIT_NOFILE", soft: 8, hard: 8 },
  { type: "RLIMIT_MEMLOCK", soft: 0, hard: 0 },
];

describe("a limit that the runtime itself could not keep", () => {
  for (const limit of LIMITS) {
    containerTest(`holds for the container's process alone: ${limit.type}`, async (box) => {
      box.config.process.rlimits = [limit];
      box.config.root.readonly = false;
      box.config.mounts.push({ destination: "/made/by/the/runtime", type: "tmpfs", source: "tmpfs" });
      for (let time = 0; time < TIMES; time++) {
        const [limits] = await box.look(["rlimits"]);
        assert.deepEqual(limits[limit.type], [limit.soft, limit.hard]);
      }
    });
  }
});
