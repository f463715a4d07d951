import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { defaultConfig, formatConfig } from "../../../src/config/default-config.ts";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { validate } from "../../../src/config/validate-schema.gen.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";
import { type Json, jsonText, mutate, pick, randomNumbers } from "./mutate.ts";
import { officialSchemas } from "./official-schema.ts";

const SEED = Number(process.env.MYDOCKER_SEED ?? 20261121);
const SIZE = 6000;

/** A class of configs that only one of the two schemas accepts. */
interface Disagreement {
  readonly accepts: "official" | "ours";
  readonly reason: string;
  /** A config about which they disagree, with a sound ociVersion around it. */
  readonly example: { readonly [name: string]: Json };
  /** Rewrites every value so that the disagreement is gone; `path` is its pointer, with "*" for each index. */
  readonly undo: (value: Json, path: string) => Json;
}

/** All that is known; any other disagreement fails the test. */
const DISAGREEMENTS: readonly Disagreement[] = [
  {
    accepts: "ours",
    reason: "config-linux.md#pids calls limit OPTIONAL since 1.3; the official schema requires it",
    example: { linux: { resources: { pids: {} } } },
    undo: (value, path) => (path === "/linux/resources/pids" && isObject(value) ? { limit: 0, ...value } : value),
  },
  {
    accepts: "ours",
    reason:
      "config-linux.md#devices calls fileMode a uint32; the official schema stops at 511, without the setuid bits",
    example: { linux: { devices: [{ type: "p", path: "/p", fileMode: 0o1777 }] } },
    undo: (value, path) =>
      /^\/(linux|freebsd)\/devices\/\*\/(fileMode|mode)$/.test(path) ? withinUint32(value) : value,
  },
  {
    accepts: "ours",
    reason: "podman writes rslave for linux.rootfsPropagation, and every other runtime takes it",
    example: { linux: { rootfsPropagation: "rslave" } },
    undo: (value, path) => (path === "/linux/rootfsPropagation" && value === "rslave" ? "slave" : value),
  },
  {
    accepts: "official",
    reason:
      "keys and values of maps are strings (config.md#annotations); the official pattern skips keys without a visible letter",
    example: { annotations: { "": 5 } },
    undo: (value, path) => (MAPS.includes(path) && isObject(value) ? withoutInvisibleKeys(value) : value),
  },
  {
    accepts: "official",
    reason: "an integer just outside of 64 bits: we read it exactly, the official schema sees the double next to it",
    example: { linux: { resources: { memory: { limit: 2n ** 63n } } } },
    undo: (value) => (typeof value === "bigint" ? Number(value) : value),
  },
  {
    accepts: "official",
    reason: "oomScoreAdj and timeout are an int (config.md#linux-process); the official schema has no bounds for them",
    example: { process: { cwd: "/", oomScoreAdj: 1e300 } },
    undo: (value, path) =>
      path === "/process/oomScoreAdj" || /^\/hooks\/\w+\/\*\/timeout$/.test(path) ? withinDouble(value) : value,
  },
];

const MAPS = ["/annotations", "/linux/sysctl", "/linux/resources/unified"];

const official = officialSchemas();

describe("our schema and the official one", { skip: official.missing }, () => {
  it(`agree on ${SIZE} mutated configs, but for known reasons (MYDOCKER_SEED=${SEED})`, (test) => {
    const counts = new Map<string, number>();
    const unexplained: string[] = [];
    for (const config of corpus()) {
      const verdict = verdicts(config);
      const known = isAgreed(verdict) ? undefined : DISAGREEMENTS.find((each) => explains(each, config, verdict));
      if (!isAgreed(verdict) && known === undefined) unexplained.push(jsonText(config));
      const kind = known?.reason ?? (verdict.official ? "accepted" : "refused");
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    test.diagnostic(`seed ${SEED}: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join("; ")}`);
    assert.deepEqual(unexplained, []);
    for (const kind of ["accepted", "refused"]) assert.ok((counts.get(kind) ?? 0) > SIZE / 5, `${kind} enough`);
  });

  for (const disagreement of DISAGREEMENTS) {
    it(`disagree where ${disagreement.reason}`, () => {
      const config = { ociVersion: "1.3.0", ...disagreement.example };
      const verdict = verdicts(config);
      assert.deepEqual(verdict, {
        ours: disagreement.accepts === "ours",
        official: disagreement.accepts === "official",
      });
      assert.ok(explains(disagreement, config, verdict));
    });
  }
});

/** Different configs with one to three changes each, the same for the same seed. */
function corpus(): readonly Json[] {
  const random = randomNumbers(SEED);
  const texts = new Set<string>();
  const seeds = validConfigs();
  while (texts.size < SIZE) {
    let config = pick(random, seeds);
    for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) config = mutate(config, random);
    texts.add(jsonText(config));
  }
  return [...texts].map(parse);
}

function validConfigs(): readonly Json[] {
  const ids = { uid: 1000, gid: 1000, cgroupNamespace: true };
  const texts = [
    ...official.examples("config/good").map(({ text }) => text),
    ...[false, true].map((rootless) => formatConfig(defaultConfig({ rootless, ...ids }))),
    // Several times, because it has the most places.
    ...Array<string>(8).fill(readFileSync(`${PROJECT_ROOT}/test/fixtures/configs/every-property.json`, "utf8")),
  ];
  const configs = texts.map(parse);
  for (const config of configs) assert.deepEqual(verdicts(config), { ours: true, official: true });
  return configs;
}

function parse(text: string): Json {
  // What JSON.parse returns, with bigints, is what the type says.
  return parseConfig(text) as Json;
}

interface Verdicts {
  readonly ours: boolean;
  readonly official: boolean;
}

function verdicts(config: Json): Verdicts {
  return { ours: validate(config), official: official.validate("config-schema.json", JSON.parse(jsonText(config))) };
}

/** Whether one disagreement alone, or with the others out of the way, makes the difference. */
function explains({ accepts, undo }: Disagreement, config: Json, verdict: Verdicts): boolean {
  if (verdict[accepts] !== true) return false;
  const others = DISAGREEMENTS.filter((each) => each.undo !== undo).map((each) => each.undo);
  const rest = others.reduce((before, each) => rewrite(before, each), config);
  return [config, rest].some((before) => {
    const after = rewrite(before, undo);
    return !isDeepStrictEqual(after, before) && isAgreed(verdicts(after));
  });
}

function isAgreed({ ours, official: theirs }: Verdicts): boolean {
  return ours === theirs;
}

function rewrite(value: Json, undo: Disagreement["undo"], path = ""): Json {
  if (Array.isArray(value))
    return undo(
      value.map((element) => rewrite(element, undo, `${path}/*`)),
      path,
    );
  if (!isObject(value)) return undo(value, path);
  const members = Object.entries(value).map(([name, member]) => [name, rewrite(member, undo, `${path}/${name}`)]);
  return undo(Object.fromEntries(members), path);
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withinUint32(value: Json): Json {
  return Number.isInteger(value) && Number(value) > 511 && Number(value) < 2 ** 32 ? 511 : value;
}

function withinDouble(value: Json): Json {
  return typeof value === "number" && !Number.isSafeInteger(value) && Number.isInteger(value) ? 1 : value;
}

/** Names without a character that "." of a pattern finds. */
function withoutInvisibleKeys(map: { readonly [name: string]: Json }): Json {
  return Object.fromEntries(Object.entries(map).filter(([name]) => /./u.test(name)));
}
