import assert from "node:assert/strict";
import { containerTest } from "../helpers/container-test.ts";
import { execIn, lookByExec, onTerminal, refusesExec, runningContainer } from "../helpers/exec-test.ts";
import { Terminal } from "../helpers/terminal.ts";
import { assertSuccess } from "../helpers/test-box.ts";

containerTest("exec --tty gives the program a terminal of the container, of the caller's size", async (box) => {
  await runningContainer(box);
  await onTerminal(box, [["tty"], ["env"]], async (terminal) => {
    assert.deepEqual(await terminal.ended(), { status: 0, isModeRestored: true });
    const [tty, env] = box.reports(terminal.shown.replaceAll("\r", ""), ["tty"], ["env"]);
    const { name, rows: _rows, columns: _columns, ...report } = tty;
    assert.match(name, /^\/dev\/pts\/\d+$/);
    assert.deepEqual(report, { isatty: [true, true, true], isControlling: true, isForeground: true });
    assert.ok(env.includes("TERM=xterm"));
  });
});

containerTest(
  "exec --tty has the size of the caller's terminal from the start, and follows it",
  async (box) => {
    await runningContainer(box);
    await onTerminal(box, [["tty"], ["signals", "9"]], async (terminal) => {
      await terminal.waitFor(/"rows":33,"columns":101[\s\S]*ready/);
      terminal.resize(50, 160);
      await terminal.waitFor(/"signal":28,"rows":50,"columns":160/);
      terminal.type("\x03");
      await terminal.waitFor(/"signal":2,/);
    });
  },
  { peerDeviations: { runc: "sets the size when the process runs already", crun: "1.8.1 does not hand it on" } },
);

containerTest("exec without --tty has no terminal, whatever the container has", async (box) => {
  const socket = box.path("console");
  const terminal = Terminal.receive(socket);
  try {
    box.config.process.terminal = true;
    box.setCommands(["sleep", "60000"]);
    await box.socketAppears(socket);
    assertSuccess(await box.run(["--detach", "--console-socket", socket]));
    const [tty] = await lookByExec(box, [], ["tty"]);
    assert.deepEqual(tty.isatty, [false, false, false]);
  } finally {
    terminal.close();
  }
});

containerTest("exec --detach --tty sends the master of the terminal to the console socket", async (box) => {
  await runningContainer(box);
  const socket = box.path("console");
  const terminal = Terminal.receive(socket);
  try {
    await box.socketAppears(socket);
    assertSuccess(await execIn(box, ["-d", "--tty", "--console-socket", socket], [["tty"], ["cat", "-"]]));
    assert.equal((await terminal.received()).isatty, true);
    await terminal.waitFor(/"isControlling":true/);
    terminal.type("typed\n\x04");
    await terminal.waitFor(/"typed\\u000a"/);
  } finally {
    terminal.close();
  }
});

containerTest(
  "exec refuses a terminal that nobody would hold, and a socket without one",
  async (box) => {
    await runningContainer(box);
    await refusesExec(box, ["--detach", "--tty"], ["ids"], /console/);
    await refusesExec(box, ["--detach", "--console-socket", box.path("nobody")], ["ids"], /console|socket/);
  },
  { peerDeviations: { crun: "1.8.1 runs the program" } },
);
