/** A JSON value with bigints for integers that a double cannot hold. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new RangeError("cannot pick from nothing");
  return chosen;
}

/** Changes one place of a value, anywhere in it. */
export function mutate(value: Json, random: () => number): Json {
  const children = childrenOf(value);
  // Deep places are many: go on down most of the time.
  if (children.length === 0 || random() < 0.12) return changed(value, random);
  const [name, child] = pick(random, children);
  if (Array.isArray(value)) {
    const elements: readonly Json[] = value;
    const index = Number(name);
    if (random() < 0.08) return elements.toSpliced(index, 1);
    return elements.with(index, mutate(child, random));
  }
  const others = children.filter(([other]) => other !== name);
  const act = random();
  if (act < 0.08) return Object.fromEntries(others);
  if (act < 0.12) return Object.fromEntries([...others, [pick(random, NAMES), child]]);
  if (act < 0.16) return Object.fromEntries([...children, [pick(random, NAMES), pick(random, OTHERS)]]);
  return Object.fromEntries(
    children.map(([other, member]) => [other, other === name ? mutate(member, random) : member]),
  );
}

/** A value's text, with bigints as the integers that they are. */
export function jsonText(value: Json): string {
  return JSON.stringify(value, (_name, member) => (typeof member === "bigint" ? `\0${member}` : member)).replace(
    /"\\u0000(-?\d+)"/g,
    "$1",
  );
}

const NAMES = ["", "x", "limt", "type", "path", "\n", "__proto__", "constructor", "com.example.x"];

const OTHERS: readonly Json[] = [
  null,
  true,
  0,
  1,
  -1,
  0.5,
  511,
  512,
  65536,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 31,
  2 ** 53,
  1e300,
  9223372036854775807n,
  9223372036854775808n,
  -9223372036854775809n,
  18446744073709551615n,
  18446744073709551616n,
  "",
  "x",
  "RLIMIT_NOFILE",
  "MB:x\ny",
  "c",
  "2MB",
  "0-3",
  "disable",
  [],
  ["x"],
  [null],
  [{}],
  {},
  { x: "y" },
  { "": 5 },
  { path: "/x" },
];

/** Mostly something of another kind; texts also get another letter, and numbers another sign or size. */
function changed(value: Json, random: () => number): Json {
  if (typeof value === "string" && random() < 0.4) {
    return pick(random, [
      value.toLowerCase(),
      value.toUpperCase(),
      `${value}x`,
      value.slice(1),
      `${value}\n`,
      ` ${value}`,
    ]);
  }
  if (typeof value === "number" && random() < 0.4)
    return pick(random, [-value, value + 0.5, value * 2 ** 32, value + 1]);
  return pick(random, OTHERS);
}

function childrenOf(value: Json): readonly (readonly [string, Json])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
