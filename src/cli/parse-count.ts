/** A number of things as a flag gives it: decimal digits, at most nine. Undefined for anything else. */
export function parseCount(text: string): number | undefined {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
