import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { needsHostOf, needsOurs, needsProgram } from "../helpers/needs.ts";
import { installedPeers } from "../helpers/peers.ts";
import { PROBE } from "../helpers/probe.ts";
import type { SpecConfig } from "../helpers/spec-config.ts";
import { Terminal } from "../helpers/terminal.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { officialSchemas } from "../unit/config/official-schema.ts";

const OFFICIAL = officialSchemas();

for (const flag of ["-b", "--bundle"]) {
  containerTest(`spec ${flag} writes config.json into the bundle`, async (box) => {
    assertSuccess(await box.runtime(["spec", flag, box.bundle]));
    assert.equal(readConfig(box).process.cwd, "/");
  });
}

containerTest("spec writes into the current directory", async (box) => {
  assertSuccess(await box.runtime(["spec"], { cwd: box.bundle }));
  assert.ok(existsSync(join(box.bundle, "config.json")));
});

containerTest("spec refuses to overwrite a file", async (box) => {
  writeFileSync(join(box.bundle, "config.json"), "mine");
  const result = await box.runtime(["spec", "--bundle", box.bundle]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /config\.json/);
  assert.equal(readFileSync(join(box.bundle, "config.json"), "utf8"), "mine");
});

containerTest("spec refuses a bundle that is not there", async (box) => {
  const result = await box.runtime(["spec", "--bundle", box.path("nowhere")]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /nowhere/);
});

for (const flags of [[], ["--rootless"]]) {
  const name = ["spec", ...flags].join(" ");

  containerTest(
    `${name} writes what the official schema accepts`,
    async (box) => {
      assertSuccess(await box.runtime(["spec", ...flags, "--bundle", box.bundle]));
      assert.ok(OFFICIAL.validate("config-schema.json", readConfig(box)));
    },
    { needs: [() => OFFICIAL.missing || undefined] },
  );

  containerTest(
    `${name} means the same as runc's`,
    async (box) => {
      assertSuccess(await box.runtime(["spec", ...flags, "--bundle", box.bundle]));
      const ours = readConfig(box);
      renameSync(join(box.bundle, "config.json"), box.path("ours.json"));
      assertSuccess(await box.program(["runc", "spec", ...flags, "--bundle", box.bundle]));
      assert.deepEqual(meaning(ours), meaning(readConfig(box)));
    },
    { needs: [needsOurs, needsProgram("runc")] },
  );
}

for (const peer of installedPeers()) {
  containerTest(
    `${peer.name} runs what spec writes unchanged`,
    async (box) => {
      await runSpecWith(box, [peer.path, "--root", box.stateRoot]);
    },
    { needs: [needsOurs, needsHostOf(peer)] },
  );
}

containerTest("run runs what spec writes unchanged", async (box) => {
  await runSpecWith(box, box.argv([]));
});

/** On a terminal, because the default config has one; the probe is its shell. */
async function runSpecWith(box: TestBox, runtime: readonly string[]): Promise<void> {
  mkdirSync(box.inRootfs("bin"));
  copyFileSync(PROBE, box.inRootfs("bin/sh"));
  assertSuccess(await box.runtime(["spec", "--bundle", box.bundle]));
  const terminal = Terminal.run(24, 80, [...runtime, "run", "--bundle", box.bundle, box.id]);
  try {
    assert.deepEqual(await terminal.ended(), { status: 0, isModeRestored: true });
  } finally {
    terminal.close();
  }
}

function readConfig(box: TestBox): SpecConfig {
  return JSON.parse(readFileSync(join(box.bundle, "config.json"), "utf8"));
}

/**
 * Without what is a matter of taste: the version, the name, which paths are masked. Older versions of runc list ambient
 * capabilities that cannot be granted.
 */
function meaning({ ociVersion: _, hostname: __, ...config }: SpecConfig): unknown {
  const { maskedPaths = [], ...linux } = config.linux;
  const { ambient: ___, inheritable: ____, ...capabilities } = config.process.capabilities ?? {};
  return {
    ...config,
    process: { ...config.process, capabilities },
    linux: { ...linux, hasMaskedPaths: maskedPaths.length > 0 },
  };
}
