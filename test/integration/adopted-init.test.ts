import { containerTest } from "../helpers/container-test.ts";
import { needsOurs, needsProgram } from "../helpers/needs.ts";
import { assertSuccess } from "../helpers/test-box.ts";

const DELAY_MICROSECONDS = 200_000;

containerTest(
  "an init that is faster than the process that made it waits until the runtime knows it",
  async (box) => {
    const joined = box.config.linux.namespaces.find(({ type }) => type === "pid");
    if (joined !== undefined) joined.path = `/proc/${process.pid}/ns/pid`;
    // For limits it would wait anyway.
    delete box.config.process.rlimits;
    box.setCommands(["exit", "0"]);
    box.writeConfig();
    // Only the process that calls clone3 is delayed when it returns, not the one that it has made.
    const inject = `inject=clone3:delay_exit=${DELAY_MICROSECONDS}`;
    const strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=clone3", "-e", inject];
    const run = box.argv(["run", "--bundle", box.bundle, box.id]);
    assertSuccess(await box.program([...strace, ...run]));
  },
  { needs: [needsOurs, needsProgram("strace")] },
);
