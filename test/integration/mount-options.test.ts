import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { type MountEntry, mountAt, parseMountTable } from "../helpers/mount-table.ts";
import { needsKernel } from "../helpers/needs.ts";
import { PROBE, succeeded } from "../helpers/probe.ts";
import type { TestBox } from "../helpers/test-box.ts";

interface OptionCase {
  readonly options: readonly string[];
  /** What the mount table says about the mount then. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** What it says about the file system. */
  readonly superHas?: readonly string[];
  readonly test?: ContainerTestOptions;
}

const SINCE_1_2: ContainerTestOptions = {
  peerDeviations: { runc: "1.1.5 does not know it", crun: "does not know it" },
};

const TAKES_NOTHING_BACK: ContainerTestOptions = { peerDeviations: { crun: "an option does not take back another" } };

/** The flags of config.md#linux-mount-options, set and taken back, on a new tmpfs. */
const TMPFS_OPTIONS: readonly OptionCase[] = [
  { options: [], has: ["rw", "relatime"], lacks: ["nosuid", "nodev", "noexec"] },
  { options: ["defaults"], has: ["rw"], test: { peerDeviations: { runc: "1.1.5 does not know it" } } },
  { options: ["ro"], has: ["ro"] },
  { options: ["ro", "rw"], has: ["rw"], test: TAKES_NOTHING_BACK },
  { options: ["nosuid", "nodev", "noexec"], has: ["nosuid", "nodev", "noexec"] },
  {
    options: ["nosuid", "suid", "nodev", "dev", "noexec", "exec"],
    lacks: ["nosuid", "nodev", "noexec"],
    test: TAKES_NOTHING_BACK,
  },
  { options: ["noatime"], has: ["noatime"], lacks: ["relatime"] },
  { options: ["noatime", "atime"], lacks: ["noatime"], test: TAKES_NOTHING_BACK },
  { options: ["nodiratime"], has: ["nodiratime"] },
  { options: ["nodiratime", "diratime"], lacks: ["nodiratime"], test: TAKES_NOTHING_BACK },
  { options: ["relatime"], has: ["relatime"] },
  { options: ["strictatime"], lacks: ["relatime", "noatime"] },
  { options: ["strictatime", "nostrictatime"], has: ["relatime"], test: TAKES_NOTHING_BACK },
  { options: ["norelatime"], has: ["rw"] },
  { options: ["sync"], superHas: ["sync"] },
  { options: ["sync", "async"], has: ["rw"] },
  { options: ["dirsync"], superHas: ["dirsync"] },
  { options: ["mand", "nomand"], has: ["rw"] },
  { options: ["lazytime"], superHas: ["lazytime"], test: SINCE_1_2 },
  { options: ["lazytime", "nolazytime"], has: ["rw"], test: SINCE_1_2 },
  { options: ["iversion", "noiversion"], has: ["rw"], test: { peerDeviations: { crun: "does not know it" } } },
  { options: ["silent", "loud"], has: ["rw"], test: SINCE_1_2 },
  { options: ["nosymfollow"], has: ["nosymfollow"], test: { ...SINCE_1_2, needs: [needsKernel(5, 10)] } },
  { options: ["nosymfollow", "symfollow"], lacks: ["nosymfollow"], test: SINCE_1_2 },
];

for (const { options, has = [], lacks = [], superHas = [], test } of TMPFS_OPTIONS) {
  containerTest(
    `a tmpfs with the options "${options.join(",")}"`,
    async (box) => {
      const mount = await mountedAt(box, "/mnt", { type: "tmpfs", source: "tmpfs", options: [...options] });
      assertOptions(mount, has, lacks);
      for (const option of superHas)
        assert.ok(mount.superOptions.includes(option), `${option} in ${mount.superOptions}`);
    },
    test,
  );
}

/** Flags of a bind mount are of that mount alone. */
const BIND_OPTIONS: readonly OptionCase[] = [
  { options: ["bind", "ro"], has: ["ro"] },
  { options: ["bind", "nosuid", "nodev", "noexec"], has: ["nosuid", "nodev", "noexec"] },
  { options: ["rbind", "ro"], has: ["ro"] },
  { options: ["bind", "noatime"], has: ["noatime"] },
];

for (const { options, has = [], lacks = [], test } of BIND_OPTIONS) {
  containerTest(
    `a bind mount with the options "${options.join(",")}"`,
    async (box) => {
      mkdirSync(box.path("source"));
      const mount = await mountedAt(box, "/mnt", { type: "bind", source: box.path("source"), options: [...options] });
      assertOptions(mount, has, lacks);
    },
    test,
  );
}

const RECURSIVE_OPTIONS: readonly OptionCase[] = [
  { options: ["rro"], has: ["ro"] },
  { options: ["rnosuid", "rnodev", "rnoexec"], has: ["nosuid", "nodev", "noexec"] },
  {
    options: ["rnoatime"],
    has: ["noatime"],
    test: { peerDeviations: { crun: "1.8.1 passes contradictory flags to the kernel" } },
  },
  {
    options: ["rnodiratime"],
    has: ["nodiratime"],
    test: { peerDeviations: { crun: "1.8.1 passes contradictory flags to the kernel" } },
  },
  {
    options: ["rstrictatime"],
    lacks: ["relatime", "noatime"],
    test: { peerDeviations: { crun: "1.8.1 passes contradictory flags to the kernel" } },
  },
  {
    options: ["rnosymfollow"],
    has: ["nosymfollow"],
    test: { peerDeviations: { runc: "1.1.5 does not know it", crun: "does not know it" } },
  },
];

for (const { options, has = [], lacks = [], test = {} } of RECURSIVE_OPTIONS) {
  containerTest(
    `the recursive options "${options.join(",")}" reach the mounts below`,
    async (box) => {
      mkdirSync(box.path("source/inner"), { recursive: true });
      box.mountOnHost(box.path("source"));
      mkdirSync(box.path("source/inner"));
      box.mountOnHost(box.path("source/inner"));
      box.config.mounts.push({
        destination: "/mnt",
        type: "bind",
        source: box.path("source"),
        options: ["rbind", ...options],
      });
      const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
      const mounts = parseMountTable(succeeded(table)).filter(({ point }) => point.startsWith("/mnt"));
      assert.deepEqual(
        mounts.map(({ point }) => point),
        ["/mnt", "/mnt/inner"],
      );
      for (const mount of mounts) assertOptions(mount, has, lacks);
    },
    { ...test, needs: [needsKernel(5, 12)] },
  );
}

const LEAVES_PRIVATE: ContainerTestOptions = { peerDeviations: { crun: "1.8.1 leaves a bind mount private" } };

containerTest("remount changes the flags of a mount that is there", async (box) => {
  box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "tmpfs" });
  const mount = await mountedAt(box, "/mnt", { type: "tmpfs", source: "tmpfs", options: ["remount", "ro"] });
  assertOptions(mount, ["ro"], []);
});

/** Kind of propagation → how the mount table shows it. */
const PROPAGATION: Readonly<Record<string, RegExp>> = {
  private: /^$/,
  // Also a slave where the runtime has made all of the host's mounts slaves first.
  shared: /^shared:\d+(,master:\d+)?$/,
  slave: /^master:\d+$/,
  unbindable: /^unbindable$/,
};

for (const [kind, shown] of Object.entries(PROPAGATION)) {
  for (const option of [kind, `r${kind}`]) {
    containerTest(
      `the option "${option}" sets the mount's propagation`,
      async (box) => {
        mkdirSync(box.path("source"));
        box.mountOnHost(box.path("source"));
        await box.program(["mount", "--make-shared", box.path("source")]);
        const source = box.path("source");
        const mount = await mountedAt(box, "/mnt", { type: "bind", source, options: ["rbind", option] });
        assert.match(mount.propagation.join(), shown);
      },
      kind === "private" ? {} : LEAVES_PRIVATE,
    );
  }
}

containerTest(
  "a later mount of the host gets in to a slave",
  async (box) => {
    mkdirSync(box.path("source"));
    box.mountOnHost(box.path("source"));
    mkdirSync(box.path("source/later"));
    await box.program(["mount", "--make-shared", box.path("source")]);
    box.config.mounts.push({
      destination: "/mnt",
      type: "bind",
      source: box.path("source"),
      options: ["rbind", "rslave"],
    });
    const output = await box.started(["print", "up\n"], ["await", "/mnt/later/file"], ["cat", "/mnt/later/file"]);
    await output.waitForOutput(/up/);
    box.mountOnHost(box.path("source/later"));
    writeFileSync(box.path("source/later/file"), "seen");
    await output.waitForOutput(/"seen"/);
  },
  LEAVES_PRIVATE,
);

containerTest("noexec keeps programs from being executed", async (box) => {
  mkdirSync(box.path("bin"));
  await box.program(["cp", PROBE, box.path("bin/probe")]);
  for (const [destination, option] of [
    ["/exec", "exec"],
    ["/noexec", "noexec"],
  ] as const) {
    box.config.mounts.push({ destination, type: "bind", source: box.path("bin"), options: ["bind", option] });
  }
  box.setCommands(["exec", "/exec/probe", "exit", "5"], ["exec", "/noexec/probe", "exit", "5"]);
  const [executed, refused] = box.reports((await box.run()).stdout, ["exec", ""], ["exec", ""]);
  assert.deepEqual([executed, refused], [5, 126]);
});

containerTest("nodev keeps devices from being opened", async (box) => {
  mkdirSync(box.path("nodes"));
  await box.program(["mknod", box.path("nodes/null"), "c", "1", "3"]);
  for (const [destination, option] of [
    ["/devices", "dev"],
    ["/no-devices", "nodev"],
  ] as const) {
    box.config.mounts.push({ destination, type: "bind", source: box.path("nodes"), options: ["bind", option] });
  }
  const reports = await box.look(["open", "/devices/null", "rw"], ["open", "/no-devices/null", "rw"]);
  assert.deepEqual(reports, [{ ok: true }, { error: "EACCES" }]);
});

containerTest(
  "an option that the file system does not know fails and is named",
  async (box) => {
    box.config.mounts.push({ destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["nosuchoption=1"] });
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /nosuchoption/);
  },
  { peerDeviations: { crun: "does not name it" } },
);

async function mountedAt(
  box: TestBox,
  destination: string,
  mount: { type: string; source: string; options: string[] },
): Promise<MountEntry> {
  box.config.mounts.push({ destination, ...mount });
  const [table] = await box.look(["cat", "/proc/self/mountinfo"]);
  const entry = mountAt(succeeded(table), destination);
  assert.ok(entry, `a mount at ${destination}`);
  return entry;
}

function assertOptions(mount: MountEntry, has: readonly string[], lacks: readonly string[]): void {
  for (const option of has)
    assert.ok(mount.options.includes(option), `${option} in ${mount.options} of ${mount.point}`);
  for (const option of lacks)
    assert.ok(!mount.options.includes(option), `no ${option} in ${mount.options} of ${mount.point}`);
}
