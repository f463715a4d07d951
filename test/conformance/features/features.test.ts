import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import type { HookKind } from "../../helpers/spec-config.ts";
import { featuresOf, listed, needsFeatures } from "../features.ts";
import { hookArgs, hookProgram } from "../hooks.ts";
import { requirement } from "../requirement.ts";

const VERSION = "features.md#specification-version";

requirement(
  "features.md",
  {
    id: "MD-FT-01",
    level: "MUST NOT",
    says: "null, which is unknown, does not stand for an empty value",
    since: "1.1",
  },
  async (box) => {
    const features = await featuresOf(box);
    assert.doesNotMatch(JSON.stringify(features), /:null/);
  },
  { needs: [needsFeatures] },
);

for (const [id, accepted, property] of [
  ["MD-FT-02", "MD-FT-03", "ociVersionMin"],
  ["MD-FT-04", "MD-FT-05", "ociVersionMax"],
] as const) {
  requirement(
    VERSION,
    [
      { id, level: "REQUIRED", says: `features has ${property}`, since: "1.1" },
      { id: accepted, says: `${property} is accepted as a config's ociVersion`, since: "1.1" },
    ],
    async (box) => {
      const version = (await featuresOf(box))[property];
      assert.match(version, /^\d+\.\d+\.\d+/);
      box.config.ociVersion = version;
      assert.deepEqual(await box.look(["cwd"]), ["/"]);
    },
    { needs: [needsFeatures] },
  );
}

requirement(
  VERSION,
  { id: "MD-FT-06", level: "MUST NOT", says: "ociVersionMax is not less than ociVersionMin", since: "1.1" },
  async (box) => {
    const { ociVersionMin, ociVersionMax } = await featuresOf(box);
    assert.ok(ociVersionMax.localeCompare(ociVersionMin, "en", { numeric: true }) >= 0);
  },
  { needs: [needsFeatures] },
);

requirement(
  VERSION,
  {
    id: "MD-FT-07",
    level: "MUST NOT",
    says: "features has no property that its version of the spec lacks",
    since: "1.1",
  },
  async (box) => {
    const schema = JSON.parse(readFileSync(`${PROJECT_ROOT}/schema/features.schema.json`, "utf8"));
    const { linux, ...features } = await featuresOf(box);
    const known = { ...schema.properties };
    assert.deepEqual(unknownIn(features, known), []);
    assert.deepEqual(unknownIn(linux, known.linux.properties), []);
  },
  { needs: [needsFeatures] },
);

requirement(
  "features.md#hooks",
  { id: "MD-FT-08", says: "the listed hooks are supported", since: "1.1" },
  async (box) => {
    const kinds = listed((await featuresOf(box)).hooks) as readonly HookKind[]; // any other one fails below
    box.config.hooks = Object.fromEntries(
      kinds.map((kind) => [kind, [{ path: hookProgram(kind), args: hookArgs("/dev/null") }]]),
    );
    assert.deepEqual(await box.look(["cwd"]), ["/"]);
  },
  { needs: [needsFeatures] },
);

requirement(
  "features.md#mount-options",
  { id: "MD-FT-09", says: "the listed mount options are recognized", since: "1.1" },
  async (box) => {
    for (const [index, option] of listed((await featuresOf(box)).mountOptions).entries()) {
      // These three are about other mounts than a new tmpfs; the first two have rows of their own.
      if (/^r?idmap$|^r?bind$|^remount$/.test(option)) continue;
      box.config.mounts.push({ destination: `/mnt/${index}`, type: "tmpfs", source: "tmpfs", options: [option] });
    }
    assert.deepEqual(await box.look(["cwd"]), ["/"]);
  },
  { needs: [needsFeatures] },
);

requirement(
  "features.md#annotations",
  { id: "MD-FT-10", says: "annotations of features are a map as those of a config", since: "1.1" },
  async (box) => {
    for (const [key, value] of Object.entries((await featuresOf(box)).annotations ?? {})) {
      assert.notEqual(key, "");
      assert.equal(typeof value, "string");
    }
  },
  { needs: [needsFeatures] },
);

function unknownIn(value: object, known: object): readonly string[] {
  return Object.keys(value).filter((name) => !Object.hasOwn(known, name));
}
