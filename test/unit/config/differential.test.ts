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
  /** Rewrites every value so that the disagreement is gone; `path` is its pointer, with "*" for each index. */
  readonly undo: (value: Json, path: string) => Json;
}

/** All that is known. One that no config of the corpus shows, or that is not here, fails the test. */
const DISAGREEMENTS: readonly Disagreement[] = [
  {
    accepts: "ours",
    reason: "config-linux.md#pids calls limit OPTIONAL since 1.3; the official schema requires it",
    undo: (value, path) => (path === "/linux/resources/pids" && isObject(value) ? { limit: 0, ...value } : value),
  },
  {
    accepts: "ours",
    reason:
      "config-linux.md#devices calls fileMode a uint32; the official schema stops at 511, without the setuid bits",
    undo: (value, path) =>
      /^\/(linux|freebsd)\/devices\/\*\/(fileMode|mode)$/.test(path) ? withinUint32(value) : value,
  },
  {
    accepts: "official",
    reason:
      "keys and values of maps are strings (config.md#annotations); the official pattern skips keys without a visible letter",
    undo: (value, path) => (MAPS.includes(path) && isObject(value) ? withoutInvisibleKeys(value) : value),
  },
  {
    accepts: "official",
    reason: "an integer just outside of 64 bits: we read it exactly, the official schema sees the double next to it",
    undo: (value) => (typeof value === "bigint" ? Number(value) : value),
  },
  {
    accepts: "official",
    reason: "oomScoreAdj and timeout are an int (config.md#linux-process); the official schema has no bounds for them",
    undo: (value, path) =>
      path === "/process/oomScoreAdj" || /^\/hooks\/\w+\/\*\/timeout$/.test(path) ? withinDouble(value) : value,
  },
];

const MAPS = ["/annotations", "/linux/sysctl", "/linux/resources/unified"];

const official = officialSchemas();

describe("our schema and the official one", { skip: official.missing }, () => {
  it(`agree on ${SIZE} mutated configs, but for known reasons (MYDOCKER_SEED=${SEED})`, (test) => {
    const seen = new Map<string, number>();
    const unexplained: string[] = [];
    let accepted = 0;
    for (const config of corpus()) {
      const verdict = verdicts(config);
      if (verdict.official) accepted += 1;
      if (verdict.ours === verdict.official) continue;
      const known = DISAGREEMENTS.find((each) => explains(each, config, verdict));
      if (known === undefined) unexplained.push(jsonText(config));
      else seen.set(known.reason, (seen.get(known.reason) ?? 0) + 1);
    }
    test.diagnostic(
      `seed ${SEED}: ${accepted} of ${SIZE} accepted; disagreements ${JSON.stringify([...seen.values()])}`,
    );
    assert.deepEqual(unexplained, []);
    assert.ok(accepted > SIZE / 5 && accepted < SIZE - SIZE / 5, "the corpus has enough of both kinds");
    assert.deepEqual(
      DISAGREEMENTS.map(({ reason }) => reason).filter((reason) => !seen.has(reason)),
      [],
    );
  });
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

/** Small configs about the places where the schemas are known to differ, which among many others are seldom hit. */
const CORNERS = [
  { linux: { resources: { pids: { limit: 1 } } } },
  { annotations: { a: "b" } },
  { linux: { resources: { memory: { limit: 1 }, hugepageLimits: [{ pageSize: "2MB", limit: 1 }] } } },
  { linux: { devices: [{ type: "p", path: "/p", fileMode: 1 }] } },
  { process: { cwd: "/", oomScoreAdj: 1 } },
];

function validConfigs(): readonly Json[] {
  const ids = { uid: 1000, gid: 1000, cgroupNamespace: true };
  const texts = [
    ...official.examples("config/good").map(({ text }) => text),
    ...[false, true].map((rootless) => formatConfig(defaultConfig({ rootless, ...ids }))),
    ...[...CORNERS, ...CORNERS, ...CORNERS].map((corner) => JSON.stringify({ ociVersion: "1.3.0", ...corner })),
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
