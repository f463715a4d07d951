import { EngineError, EXIT_STATUS } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** A size such as "100m", "1.5g" or "1kib", in bytes; units are powers of 1024. Throws EngineError that names the flag. */
export function parseSize(text: string, flag: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? /^([0-9]+)(b)$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? "").toLowerCase()];
  const bytes = Math.floor(Number(match?.[1]) * (unit ?? Number.NaN));
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new EngineError(`invalid argument "${text}" for "${flag}" flag: invalid size: '${text}'`, {
    code: "ERR_USAGE",
    exitStatus: EXIT_STATUS.engine,
    flag,
  });
}

/** A decimal integer, also a negative one. Throws EngineError that names the flag. */
export function parseInteger(text: string, flag: string): number {
  const value = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new EngineError(`invalid argument "${text}" for "${flag}" flag: it must be a whole number`, {
    code: "ERR_USAGE",
    exitStatus: EXIT_STATUS.engine,
    flag,
  });
}

/** "NAME=VALUE"; the value may be missing and hold more equal signs. */
export function splitPair(text: string): readonly [name: string, value: string | undefined] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
