const INT64_MAX = 0x7fffffffffffffffn;
const UINT64_MAX = 0xffffffffffffffffn;

/**
 * A JSON number as decimal digits, exact and without an exponent. JSON numbers above 2^53 are rounded when parsed, so
 * that the greatest int64 or uint64 would come out one too large: those are written as what they were.
 */
export function decimal(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const digits = BigInt(Math.trunc(value));
  if (digits === INT64_MAX + 1n) return String(INT64_MAX);
  return String(digits > UINT64_MAX ? UINT64_MAX : digits);
}
