import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv } from "ajv";
import { COMMIT, SPEC_VERSION, VERSION } from "../../../src/base/version.ts";
import { CONFIG_SHAPE } from "../../../src/config/config-shape.gen.ts";
import type { Config } from "../../../src/config/types.gen.ts";
import { checkConfig } from "../../../src/config/validate-config.ts";
import { findMountOption } from "../../../src/linux/mount-option-table.ts";
import { type Features, featuresOf } from "../../../src/runtime/features.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { officialSchemas } from "../config/official-schema.ts";

const FLAGS = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
const features = featuresOf(FLAGS);
const { linux } = features;
const official = officialSchemas();

describe("featuresOf", () => {
  it("is what our schema says", () => {
    const schema = JSON.parse(readFileSync(`${PROJECT_ROOT}/schema/features.schema.json`, "utf8"));
    const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
    assert.ok(validate(features), JSON.stringify(validate.errors));
  });

  it("is what the spec's own schema says", { skip: official.missing }, () => {
    assert.ok(official.validate("features-schema.json", features));
  });

  it("has no property that the schema does not know", () => {
    const schema = JSON.parse(readFileSync(`${PROJECT_ROOT}/schema/features.schema.json`, "utf8"));
    assert.deepEqual(
      Object.keys(features).filter((name) => !Object.hasOwn(schema.properties, name)),
      [],
    );
    const known = schema.properties.linux.properties;
    assert.deepEqual(
      Object.keys(linux).filter((name) => !Object.hasOwn(known, name)),
      [],
    );
  });

  it("names the versions of the spec and of the program", () => {
    assert.deepEqual([features.ociVersionMin, features.ociVersionMax], ["1.0.0", SPEC_VERSION]);
    assert.deepEqual(features.annotations, {
      "mydocker-runtime.version": VERSION,
      ...(COMMIT !== undefined && { "mydocker-runtime.commit": COMMIT }),
    });
  });

  it("lists the hooks that a config may have", () => {
    assert.deepEqual([...features.hooks].sort(), Object.keys(CONFIG_SHAPE.properties?.hooks?.properties ?? {}).sort());
  });

  it("lists mount options that are found in the table, sorted and each once", () => {
    for (const option of features.mountOptions) assert.notEqual(findMountOption(option), undefined, option);
    assert.deepEqual([...new Set(features.mountOptions)].sort(), features.mountOptions);
  });

  it("supports the flags of seccomp that the kernel takes, and knows them all", () => {
    assert.deepEqual([...linux.seccomp.supportedFlags].sort(), FLAGS);
    assert.ok(linux.seccomp.knownFlags.length > FLAGS.length);
    assert.deepEqual(featuresOf([]).linux.seccomp.supportedFlags, []);
  });
});

/** A config that has one value of a feature. */
type ConfigWith = (value: string) => unknown;

const BASE: Config = { ociVersion: "1.3.0", root: { path: "rootfs" } };

const SYSCALL = { names: ["read"], action: "SCMP_ACT_ALLOW" };

/** What features.md says that the runtime takes: no config that has it is refused for it. */
const ACCEPTED: readonly (readonly [name: string, values: (features: Features) => readonly string[], ConfigWith])[] = [
  [
    "ociVersion",
    ({ ociVersionMin, ociVersionMax }) => [ociVersionMin, ociVersionMax],
    (ociVersion) => ({ ociVersion }),
  ],
  ["hooks", ({ hooks }) => hooks, (kind) => ({ hooks: { [kind]: [{ path: "/bin/true" }] } })],
  [
    "capabilities",
    ({ linux }) => linux.capabilities,
    (name) => ({
      process: { cwd: "/", args: ["sh"], user: { uid: 0, gid: 0 }, capabilities: { bounding: [name] } },
    }),
  ],
  [
    "namespaces",
    ({ linux }) => linux.namespaces,
    (type) => ({
      linux: { namespaces: [{ type }], ...(type === "user" ? { uidMappings: IDS, gidMappings: IDS } : {}) },
    }),
  ],
  [
    "seccomp actions",
    ({ linux }) => linux.seccomp.actions,
    (action) => withSeccomp({ listenerPath: "/s", syscalls: [{ ...SYSCALL, action }] }),
  ],
  [
    "seccomp operators",
    ({ linux }) => linux.seccomp.operators,
    (op) => withSeccomp({ syscalls: [{ ...SYSCALL, args: [{ index: 0, value: 1, valueTwo: 1, op }] }] }),
  ],
  ["seccomp architectures", ({ linux }) => linux.seccomp.archs, (arch) => withSeccomp({ architectures: [arch] })],
  ["seccomp flags", ({ linux }) => linux.seccomp.knownFlags, (flag) => withSeccomp({ flags: [flag] })],
  [
    "memory policy modes",
    ({ linux }) => linux.memoryPolicy.modes,
    (mode) => withMemoryPolicy({ mode, ...(["MPOL_DEFAULT", "MPOL_LOCAL"].includes(mode) ? {} : { nodes: "0" }) }),
  ],
  [
    "memory policy flags",
    ({ linux }) => linux.memoryPolicy.flags,
    (flag) => withMemoryPolicy({ mode: "MPOL_BIND", nodes: "0", flags: [flag] }),
  ],
];

const IDS = [{ containerID: 0, hostID: 1000, size: 1 }];

function withSeccomp(seccomp: object): unknown {
  return { linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", ...seccomp } } };
}

function withMemoryPolicy(memoryPolicy: object): unknown {
  return { linux: { memoryPolicy } };
}

describe("what featuresOf lists is accepted in a config", () => {
  for (const [name, values, configWith] of ACCEPTED) {
    for (const value of values(features)) {
      it(`${name}: ${value}`, () => {
        const { errors } = checkConfig({ ...BASE, ...Object(configWith(value)) });
        assert.deepEqual(errors, []);
      });
    }
  }
});
