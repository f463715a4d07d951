import assert from "node:assert/strict";
import { containerTest } from "../helpers/container-test.ts";
import { parseReports, type TerminalReport } from "../helpers/probe.ts";
import { Terminal } from "../helpers/terminal.ts";
import type { TestBox } from "../helpers/test-box.ts";

containerTest("run with a terminal gives the process a terminal of its own", async (box) => {
  await onTerminal(box, [["tty"]], async (terminal) => {
    assert.deepEqual(await terminal.ended(), { status: 0, isModeRestored: true });
    const { name, isatty, isControlling, isForeground } = reportOf(terminal);
    assert.match(name, /^\/dev\/(pts\/0|console)$/);
    assert.deepEqual([isatty, isControlling, isForeground], [[true, true, true], true, true]);
  });
});

containerTest(
  "the terminal has the caller's size before the process starts, every time",
  async (box) => {
    for (let runs = 0; runs < 10; runs++) {
      await onTerminal(box, [["tty"]], async (terminal) => {
        assert.deepEqual(await terminal.ended(), { status: 0, isModeRestored: true });
        const { rows, columns } = reportOf(terminal);
        assert.deepEqual([rows, columns], [33, 101]);
      });
    }
  },
  { peerDeviations: { runc: "sets the size when the process runs already", crun: "1.8.1 leaves the size unset" } },
);

containerTest(
  "run with a terminal gives /dev/console and /dev/tty something behind them",
  async (box) => {
    await onTerminal(
      box,
      [
        ["stat", "/dev/console"],
        ["open", "/dev/tty", "rw"],
        ["open", "/dev/console", "rw"],
      ],
      async (terminal) => {
        await terminal.ended();
        const [console, tty, opened] = parseReports(terminal.shown.replaceAll("\r", ""));
        assert.equal((console as { type: string }).type, "char");
        assert.deepEqual([tty, opened], [{ ok: true }, { ok: true }]);
      },
    );
  },
  { peerDeviations: { crun: "1.8.1 at times fails when the process ends at once" } },
);

containerTest(
  "a resize reaches the container's terminal",
  async (box) => {
    await onTerminal(box, [["signals", "9"]], async (terminal) => {
      await terminal.waitFor(/ready/);
      terminal.resize(50, 160);
      await terminal.waitFor(/"signal":28,"rows":50,"columns":160/);
    });
  },
  { peerDeviations: { crun: "1.8.1 does not hand it on" } },
);

containerTest("what is typed reaches the process, and is echoed once", async (box) => {
  await onTerminal(
    box,
    [
      ["print", "ready\n"],
      ["cat", "-"],
    ],
    async (terminal) => {
      await terminal.waitFor(/ready/);
      terminal.type("some words\n\x04");
      assert.equal((await terminal.ended()).status, 0);
      assert.equal(
        terminal.shown.replaceAll("\r", "").replaceAll("^D\b\b", ""),
        'ready\nsome words\n"some words\\u000a"\n',
      );
    },
  );
});

containerTest("Ctrl-C is the interrupt of the container's process", async (box) => {
  await onTerminal(box, [["signals", "9"]], async (terminal) => {
    await terminal.waitFor(/ready/);
    terminal.type("\x03");
    await terminal.waitFor(/"signal":2,/);
  });
});

for (const status of [0, 7, 255]) {
  containerTest(`run with a terminal exits with ${status} and restores the caller's terminal`, async (box) => {
    await onTerminal(box, [["exit", String(status)]], async (terminal) => {
      assert.deepEqual(await terminal.ended(), { status, isModeRestored: true });
    });
  });
}

containerTest("the caller's terminal is restored when a signal ends the process", async (box) => {
  box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "pid");
  await onTerminal(box, [["raise", "9"]], async (terminal) => {
    assert.deepEqual(await terminal.ended(), { status: 137, isModeRestored: true });
  });
});

containerTest(
  "the caller's terminal is restored when run fails",
  async (box) => {
    box.config.process.terminal = true;
    box.config.process.args = ["nosuch"];
    await withTerminal(box, async (terminal) => {
      const { status, isModeRestored } = await terminal.ended();
      assert.notEqual(status, 0);
      assert.ok(isModeRestored);
      assert.match(terminal.shown, /nosuch/);
    });
  },
  { peerDeviations: { crun: "the text gets lost" } },
);

containerTest("much output comes through a terminal whole", async (box) => {
  const text = "0123456789abcdef".repeat(500);
  await onTerminal(
    box,
    Array.from({ length: 20 }, () => ["print", `${text}\n`]),
    async (terminal) => {
      assert.equal((await terminal.ended()).status, 0);
      assert.equal(terminal.shown.replaceAll("\r", ""), `${text}\n`.repeat(20));
    },
  );
});

containerTest("the hang-up of the caller's terminal reaches the process as a signal", async (box) => {
  box.config.root.readonly = false;
  box.config.process.terminal = true;
  box.config.process.args = ["/probe", "-o", "/signals", "signals", "9"];
  await withTerminal(box, async (terminal) => {
    await box.fileHas(box.inRootfs("signals"), /ready/);
    terminal.hangUp();
    await box.fileHas(box.inRootfs("signals"), /"signal":1,/);
  });
});

containerTest("create sends the master of the terminal to the console socket", async (box) => {
  const socket = box.path("console");
  const terminal = Terminal.receive(socket);
  try {
    box.config.process.terminal = true;
    box.config.process.consoleSize = { height: 21, width: 77 };
    box.setCommands(["tty"], ["cat", "-"]);
    await box.socketAppears(socket);
    await box.created(["--console-socket", socket]);
    const { isatty, message } = await terminal.received();
    assert.deepEqual([isatty, message.length > 0 && message.length < 4096], [true, true]);
    await box.must("start");
    await terminal.waitFor(/isatty/);
    const { name, ...report } = reportOf(terminal);
    assert.match(name, /^\/dev\/(pts\/0|console)$/);
    const expected = { isatty: [true, true, true], rows: 21, columns: 77, isControlling: true, isForeground: true };
    assert.deepEqual(report, expected);
    terminal.type("typed\n\x04");
    await terminal.waitFor(/"typed\\u000a"/);
    await box.waitForStatus("stopped");
  } finally {
    terminal.close();
  }
});

containerTest("run --detach sends the master of the terminal to the console socket", async (box) => {
  const socket = box.path("console");
  const terminal = Terminal.receive(socket);
  try {
    box.config.process.terminal = true;
    box.setCommands(["print", "hello\n"], ["sleep", "60000"]);
    await box.socketAppears(socket);
    assert.equal((await box.run(["--detach", "--console-socket", socket])).status, 0);
    await terminal.waitFor(/hello/);
    assert.equal((await box.state()).status, "running");
  } finally {
    terminal.close();
  }
});

containerTest("create fails when nobody listens at the console socket, and leaves nothing", async (box) => {
  box.config.process.terminal = true;
  const result = await box.create(["--console-socket", box.path("nobody")]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /console|socket|nobody/);
  await box.assertNoTraces();
});

/** `run` of the probe's commands on a terminal of 33 by 101. */
async function onTerminal(
  box: TestBox,
  commands: readonly (readonly string[])[],
  check: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  box.config.process.terminal = true;
  box.setCommands(...commands);
  await withTerminal(box, check);
}

async function withTerminal(box: TestBox, check: (terminal: Terminal) => Promise<void>): Promise<void> {
  box.writeConfig();
  const terminal = Terminal.run(33, 101, box.argv(["run", "--bundle", box.bundle, box.id]));
  try {
    await check(terminal);
  } finally {
    terminal.close();
  }
}

function reportOf(terminal: Terminal): TerminalReport {
  const [report] = parseReports(terminal.shown.replaceAll("\r", ""));
  assert.ok(report !== undefined, `no report: ${JSON.stringify(terminal.shown)}`);
  // The probe's `tty` prints one.
  return report as TerminalReport;
}
