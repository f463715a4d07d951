/** An integer of the config: a bigint where a number could not hold it exactly. */
export type Integer = number | bigint;

/** An integer as decimal digits, without the exponent that great numbers are printed with. */
export function decimal(value: Integer): string {
  return String(typeof value === "bigint" || Number.isSafeInteger(value) ? value : BigInt(value));
}
