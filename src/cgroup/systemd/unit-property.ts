import type { Integer } from "../decimal.ts";
import { decimal } from "../decimal.ts";

/** A property of a unit as busctl takes it: its name, its D-Bus signature, and the words of its value. */
export interface UnitProperty {
  readonly name: string;
  readonly signature: string;
  readonly words: readonly string[];
}

/** How systemd writes "no limit". Source: org.freedesktop.systemd1(5). */
export const INFINITY = decimal(2n ** 64n - 1n);

export function textProperty(name: string, value: string): UnitProperty {
  return { name, signature: "s", words: [value] };
}

export function booleanProperty(name: string, value: boolean): UnitProperty {
  return { name, signature: "b", words: [String(value)] };
}

/** A limit; "max" and negative numbers are none. */
export function limitProperty(name: string, value: Integer | string): UnitProperty {
  const word = typeof value === "string" ? (value === "max" ? INFINITY : value) : value < 0 ? INFINITY : decimal(value);
  return { name, signature: "t", words: [word] };
}

/** A list of pairs, such as devices and what is allowed of them. */
export function pairsProperty(name: string, pairs: readonly (readonly [string, string])[]): UnitProperty {
  return { name, signature: PAIRS, words: [String(pairs.length), ...pairs.flat()] };
}

/** The signature of a list of pairs. */
export const PAIRS = "a(ss)";

/** A list such as "0-2,7" as the bits of bytes, the lowest first. */
export function maskProperty(name: string, list: string): UnitProperty {
  const bytes: number[] = [];
  for (const range of list.trim().split(",")) {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    for (let bit = first; bit <= Math.min(last, MAX_BIT); bit++) {
      while (bytes.length <= bit >> 3) bytes.push(0);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  return { name, signature: "ay", words: [String(bytes.length), ...bytes.map(String)] };
}

/** No kernel has more processors or memory nodes. Source: the kernel's arch/x86/Kconfig, NR_CPUS. */
const MAX_BIT = 8192;
