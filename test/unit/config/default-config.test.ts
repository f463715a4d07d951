import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { defaultConfig, formatConfig } from "../../../src/config/default-config.ts";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { validateConfig } from "../../../src/config/validate-config.ts";
import { officialSchemas } from "./official-schema.ts";

const CASES = [
  { rootless: false, uid: 0, gid: 0, cgroupNamespace: false },
  { rootless: false, uid: 0, gid: 0, cgroupNamespace: true },
  { rootless: true, uid: 1000, gid: 100, cgroupNamespace: true },
];

describe("defaultConfig", () => {
  for (const options of CASES) {
    const config = defaultConfig(options);
    const what = JSON.stringify(options);

    it(`breaks no rule and needs no warning with ${what}`, () => {
      assert.deepEqual(validateConfig(parseConfig(formatConfig(config))).warnings, []);
    });

    const official = officialSchemas();
    it(`is what the official schema accepts with ${what}`, { skip: official.missing }, () => {
      assert.equal(official.validate("config-schema.json", JSON.parse(formatConfig(config))), true);
    });

    it(`keeps a cgroup namespace, a network and limits to who can have them with ${what}`, () => {
      const types = config.linux?.namespaces?.map(({ type }) => type) ?? [];
      assert.equal(types.includes("cgroup"), options.cgroupNamespace);
      assert.equal(types.includes("network"), !options.rootless);
      assert.equal(types.includes("user"), options.rootless);
      assert.equal(config.linux?.resources !== undefined, !options.rootless);
    });
  }

  for (const rootless of [false, true]) {
    const peer = peerConfig(rootless);
    it(`means what runc's means${rootless ? " without privileges" : ""}`, { skip: peer.missing }, () => {
      const ids = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
      const cgroupNamespace = JSON.stringify(peer.config).includes('{"type":"cgroup"}');
      const ours = defaultConfig({ rootless, ...ids, cgroupNamespace });
      assert.deepEqual(comparable(ours), comparable(peer.config));
    });
  }
});

describe("formatConfig", () => {
  it("indents with tabs and ends the last line", () => {
    assert.equal(
      formatConfig({ ociVersion: "1.3.0", root: { path: "r" } }),
      '{\n\t"ociVersion": "1.3.0",\n\t"root": {\n\t\t"path": "r"\n\t}\n}\n',
    );
  });
});

interface Comparable {
  readonly process?: { readonly capabilities?: object };
}

/** Without what names the runtime and its age: runc before 1.2 also asked for ambient capabilities, without effect. */
function comparable(config: object): object {
  const { process, ...rest }: Comparable = config;
  const capabilities = { ...process?.capabilities, ambient: [] };
  return { ...rest, process: { ...process, capabilities }, hostname: "", ociVersion: "" };
}

function peerConfig(rootless: boolean): { readonly missing: string | false; readonly config: object } {
  const bundle = mkdtempSync(join(tmpdir(), "runc-spec-"));
  try {
    const { error, status } = spawnSync("runc", ["spec", "-b", bundle, ...(rootless ? ["--rootless"] : [])]);
    if (error !== undefined || status !== 0) return { missing: "runc is not installed", config: {} };
    return { missing: false, config: JSON.parse(readFileSync(join(bundle, "config.json"), "utf8")) };
  } finally {
    rmSync(bundle, { recursive: true });
  }
}
