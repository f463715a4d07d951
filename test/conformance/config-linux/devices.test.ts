import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { parseReports, succeeded } from "../../helpers/probe.ts";
import { Terminal } from "../../helpers/terminal.ts";
import { assertSuccess } from "../../helpers/test-box.ts";
import { assertRefused, assertRequired, requirement } from "../requirement.ts";

const AT = "config-linux.md#devices";

requirement(AT, { id: "MD-CL-11", says: "the listed devices are available in the container" }, async (box) => {
  box.config.linux.devices = [
    { path: "/dev/char", type: "c", major: 1, minor: 5, fileMode: 0o640, uid: 1, gid: 2 },
    { path: "/dev/block", type: "b", major: 7, minor: 200 },
    { path: "/other/fifo", type: "p" },
  ];
  const [char, block, fifo] = await box.look(["stat", "/dev/char"], ["stat", "/dev/block"], ["stat", "/other/fifo"]);
  const { type, mode, uid, gid, major, minor } = succeeded(char);
  assert.deepEqual([type, mode, uid, gid, major, minor], ["char", "0640", 1, 2, 1, 5]);
  assert.deepEqual([succeeded(block).type, succeeded(block).major, succeeded(block).minor], ["block", 7, 200]);
  assert.equal(succeeded(fifo).type, "fifo");
});

for (const [id, property] of [
  ["MD-CL-12", "type"],
  ["MD-CL-13", "path"],
] as const) {
  requirement(AT, { id, level: "REQUIRED", says: `a device has a ${property}` }, async (box) => {
    const device = { path: "/dev/char", type: "c", major: 1, minor: 5 };
    box.config.linux.devices = [device];
    await assertRequired(box, device, property);
  });
}

requirement(
  AT,
  { id: "MD-CL-14", says: "a file at a device's path that is not this device is an error" },
  async (box) => {
    box.config.mounts = box.config.mounts.filter(({ destination }) => !destination.startsWith("/dev"));
    box.config.root.readonly = false;
    box.config.linux.devices = [{ path: "/taken", type: "c", major: 1, minor: 5 }];
    writeFileSync(box.inRootfs("taken"), "text");
    await assertRefused(box);
  },
);

requirement(
  AT,
  { id: "MD-CL-15", level: "REQUIRED", says: "a device that is no pipe has a major and a minor number" },
  async (box) => {
    box.config.linux.devices = [{ path: "/dev/char", type: "c" }];
    await assertRefused(box);
  },
);

const DEFAULTS = "config-linux.md#default-devices";

for (const [id, path, major, minor] of [
  ["MD-CL-16", "/dev/null", 1, 3],
  ["MD-CL-17", "/dev/zero", 1, 5],
  ["MD-CL-18", "/dev/full", 1, 7],
  ["MD-CL-19", "/dev/random", 1, 8],
  ["MD-CL-20", "/dev/urandom", 1, 9],
  ["MD-CL-21", "/dev/tty", 5, 0],
] as const) {
  requirement(DEFAULTS, { id, says: `${path} is there` }, async (box) => {
    const [stat] = await box.look(["stat", path]);
    const { type, major: foundMajor, minor: foundMinor } = succeeded(stat);
    assert.deepEqual([type, foundMajor, foundMinor], ["char", major, minor]);
  });
}

requirement(DEFAULTS, { id: "MD-CL-22", says: "with a terminal, it is at /dev/console as well" }, async (box) => {
  box.config.process.terminal = true;
  box.setCommands(["stat", "/dev/console"], ["tty"], ["open", "/dev/console", "w"]);
  const terminal = Terminal.receive(box.path("console"));
  try {
    assertSuccess(await box.create(["--console-socket", box.path("console")]));
    await terminal.received();
    await box.must("start");
    await terminal.waitFor(/"ok":true/);
    const [stat, tty] = parseReports(terminal.shown.replaceAll("\r", ""));
    // Pseudo-terminals have this major number.
    assert.equal(Object(stat).major, 136);
    assert.deepEqual(Object(tty).isatty, [true, true, true]);
  } finally {
    terminal.close();
  }
});

requirement(DEFAULTS, { id: "MD-CL-23", says: "/dev/ptmx is the container's own /dev/pts/ptmx" }, async (box) => {
  const [ptmx, own, opened, names] = await box.look(
    ["readlink", "/dev/ptmx"],
    ["stat", "/dev/pts/ptmx"],
    ["open", "/dev/ptmx", "rw"],
    ["ls", "/dev/pts"],
  );
  assert.ok(ptmx === "pts/ptmx" || ptmx === "/dev/pts/ptmx", JSON.stringify(ptmx));
  assert.deepEqual([succeeded(own).type, opened, names], ["char", { ok: true }, ["ptmx"]]);
});
