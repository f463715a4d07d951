import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { describe } from "node:test";
import { makeRootfs } from "../../src/tools/make-rootfs.ts";
import { containerTest } from "../helpers/container-test.ts";
import { needsCgroupV1, needsOurs } from "../helpers/needs.ts";
import { assertSuccess } from "../helpers/test-box.ts";

/** The runtime's side sets limits while the init works: what is too early shows now and then. */
const TIMES = 5;

const LIMITS = [
  { type: "RLIMIT_NOFILE", soft: 8, hard: 8 },
  { type: "RLIMIT_MEMLOCK", soft: 0, hard: 0 },
];

describe("a limit of memory of 256 KiB", () => {
  containerTest(
    "is enough for a small command, whether its file is in memory or not",
    async (box) => {
      makeRootfs(box.rootfs);
      const file = realpathSync(box.inRootfs("bin/true"));
      assertSuccess(await box.program(["sync", file]));
      box.config.process.args = ["true"];
      box.config.linux.resources.memory = { limit: 256 * 1024 };
      for (let time = 0; time < TIMES; time++) {
        // Out of the page cache, which takes what has been written back: posix_fadvise(2) with POSIX_FADV_DONTNEED.
        if (time % 2 === 0) assertSuccess(await box.program(["dd", `if=${file}`, "iflag=nocache", "count=0"]));
        assertSuccess(await box.run());
      }
    },
    { needs: [needsOurs, needsCgroupV1("memory")] },
  );
});

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
