const DECIMAL_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
const BINARY_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Bytes as docker shows the size of images: units of 1000, three digits, "1.98MB". */
export function humanSize(bytes: number): string {
  return scaled(bytes, 1000, DECIMAL_UNITS, 3);
}

/** Bytes as docker shows what they add up to: units of 1000, four digits, "1.984MB". */
export function humanTotal(bytes: number): string {
  return scaled(bytes, 1000, DECIMAL_UNITS, 4);
}

/** Bytes as docker shows memory: units of 1024, four digits, "7.75GiB". */
export function humanBinarySize(bytes: number): string {
  return scaled(bytes, 1024, BINARY_UNITS, 4);
}

function scaled(bytes: number, base: number, units: readonly string[], digits: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  // Go's %.3g: so many digits in all, and no zeros at the end.
  const text = value >= 10 ** digits ? String(Math.round(value)) : String(Number(value.toPrecision(digits)));
  return `${text}${units[unit]}`;
}
