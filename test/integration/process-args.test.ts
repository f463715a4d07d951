import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { parseReports } from "../helpers/probe.ts";
import { assertSuccess } from "../helpers/test-box.ts";

containerTest("process.args reach the program unchanged", async (box) => {
  const args = ["", "a b", "line\nbreak", "tab\t", "'\"$HOME\\", "ünïcode 漢字", "x".repeat(100_000)];
  const [report] = await box.look(["args", ...args]);
  assert.deepEqual(report, args);
});

containerTest(
  "the caller's /dev/null gives way to the container's own",
  async (box) => {
    await box.started(["sleep", "60000"]);
    const { pid } = await box.state();
    const place = (path: string) => [statSync(path).dev, statSync(path).ino];
    assert.deepEqual(place(`/proc/${pid}/fd/0`), place(`/proc/${pid}/root/dev/null`));
    assert.notDeepEqual(place(`/proc/${pid}/fd/0`), place("/dev/null"));
  },
  { peerDeviations: { crun: "leaves the caller's" } },
);

containerTest("process.args[0] is looked up in the container's PATH", async (box) => {
  box.config.process.env = ["PATH=/nowhere:/tools"];
  mkdirSync(box.inRootfs("tools"));
  assertSuccess(await box.program(["ln", box.inRootfs("probe"), box.inRootfs("tools/looked-up")]));
  box.config.process.args = ["looked-up", "args", "found"];
  const result = await box.run();
  assert.deepEqual(parseReports(result.stdout), [["found"]]);
});

containerTest("process.args[0] with a slash is relative to process.cwd", async (box) => {
  box.config.process.cwd = "/tools";
  mkdirSync(box.inRootfs("tools"));
  assertSuccess(await box.program(["ln", box.inRootfs("probe"), box.inRootfs("tools/here")]));
  box.config.process.args = ["./here", "args", "found"];
  assert.deepEqual(parseReports((await box.run()).stdout), [["found"]]);
});

containerTest("process.args[0] that is not in PATH fails as callers know it", async (box) => {
  box.config.process.args = ["nosuch"];
  const result = await box.run();
  assert.equal(result.status, 1);
  assert.match(result.stderr, /nosuch/);
  assert.match(result.stderr, /executable file (`nosuch` )?not found in \$PATH/);
});

containerTest("process.args[0] that is no file fails as callers know it", async (box) => {
  box.config.process.args = ["/no/such"];
  const result = await box.run();
  assert.equal(result.status, 1);
  assert.match(result.stderr, /\/no\/such/);
  assert.match(result.stderr, /no such file or directory/i);
});

containerTest(
  "process.args[0] that may not be executed fails as callers know it",
  async (box) => {
    writeFileSync(box.inRootfs("plain"), "text");
    chmodSync(box.inRootfs("plain"), 0o644);
    box.config.process.args = ["/plain"];
    const result = await box.run();
    assert.equal(result.status, 1);
    assert.match(result.stderr, /\/plain/);
    assert.match(result.stderr, /permission denied/i);
  },
  { peerDeviations: { crun: "says Operation not permitted" } },
);

containerTest(
  "process.args must not be empty",
  async (box) => {
    box.config.process.args = [];
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /args/);
  },
  { peerDeviations: { crun: "says that the executable path is not specified" } },
);

containerTest(
  "a script without its interpreter is explained",
  async (box) => {
    writeFileSync(box.inRootfs("script"), "#!/no/interpreter\n");
    chmodSync(box.inRootfs("script"), 0o755);
    box.config.process.args = ["/script"];
    const result = await box.run();
    assert.equal(result.status, 1);
    assert.match(
      result.stderr,
      /exec \/script: no such file or directory .*; fix: the file is there, and .* interpreter/,
    );
  },
  { needs: [needsOurs] },
);
