import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { assertSuccess } from "../helpers/test-box.ts";

const OURS: ContainerTestOptions = { needs: [needsOurs] };

containerTest(
  "all problems of a config are told together, each with its place and its value",
  async (box) => {
    Object.assign(box.config, { ociVersion: "abc", annotations: { key: 5 } });
    box.config.process.cwd = "tmp";
    box.config.linux.namespaces.push({ type: "uts" });
    box.config.process.rlimits?.push({ type: "RLIMIT_NOFILE", soft: 1, hard: 1 });
    box.config.mounts.push({ destination: "/mnt", type: "bind", source: "/etc", options: ["bind", "rnosuch"] });
    const result = await box.create();
    assert.notEqual(result.status, 0);
    for (const [pointer, value] of [
      ["/ociVersion", "abc"],
      ["/annotations/key", "5"],
      ["/process/cwd", "tmp"],
      ["/linux/namespaces/5", "uts"],
      ["/process/rlimits/1", "RLIMIT_NOFILE"],
    ] as const) {
      assert.ok(result.stderr.includes(pointer), `${pointer} in: ${result.stderr}`);
      assert.ok(result.stderr.includes(value), `${value} in: ${result.stderr}`);
    }
    await box.assertNoTraces();
  },
  OURS,
);

containerTest(
  "an unknown property is a warning with the nearest known name, and the container runs",
  async (box) => {
    box.config.linux.resources.memory = { limt: 1_000_000_000 };
    box.setCommands(["cwd"]);
    const result = await box.run();
    assertSuccess(result);
    assert.deepEqual(box.reports(result.stdout, ["cwd"]), ["/"]);
    for (const part of [/warning/i, /\/linux\/resources\/memory/, /limt/, /limit/]) assert.match(result.stderr, part);
  },
  OURS,
);

containerTest(
  "a warning is one entry of the log at the level of warnings",
  async (box) => {
    Object.assign(box.config, { nosuchProperty: true });
    box.setCommands(["cwd"]);
    box.writeConfig();
    const flags = ["--log", box.path("log"), "--log-format", "json"];
    assertSuccess(await box.runtime([...flags, "run", "--bundle", box.bundle, box.id]));
    const entries = readFileSync(box.path("log"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      entries.map(({ level }) => level),
      ["warning"],
    );
    assert.match(entries[0].msg, /nosuchProperty/);
  },
  OURS,
);

const PLATFORMS: Readonly<Record<string, unknown>> = {
  windows: { layerFolders: ["x"] },
  vm: { kernel: { path: "/x" } },
  zos: {},
};

for (const [platform, value] of Object.entries(PLATFORMS)) {
  containerTest(
    `the property "${platform}" of another platform is no problem`,
    async (box) => {
      Object.assign(box.config, { [platform]: value });
      assert.deepEqual(await box.look(["cwd"]), ["/"]);
    },
    { peerDeviations: { crun: "1.8.1 has a parser of its own for them" } },
  );
}

for (const ociVersion of ["1.0.0", "1.0.2-dev", "1.2.1", "1.3.0"]) {
  containerTest(
    `ociVersion ${ociVersion} is taken`,
    async (box) => {
      box.config.ociVersion = ociVersion;
      assert.deepEqual(await box.look(["cwd"]), ["/"]);
    },
    ociVersion > "1.1" ? { peerDeviations: { crun: "1.8.1 is older" } } : {},
  );
}

for (const ociVersion of ["", "abc", "2.0.0", "1", "0.9.0"]) {
  containerTest(
    `ociVersion "${ociVersion}" is refused`,
    async (box) => {
      box.config.ociVersion = ociVersion;
      const result = await box.create();
      assert.notEqual(result.status, 0);
      assert.match(result.stderr, /\/ociVersion/);
    },
    OURS,
  );
}
