import { DEFAULT_LIMITS, type ExtractLimits } from "../archive/extract-limits.ts";
import { EngineError } from "../base/errors.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** The limits of extraction for --max-size, in bytes or with a unit of 1024. Throws EngineError. */
export function extractLimits(maxSize: string | undefined): { readonly limits?: ExtractLimits } {
  if (!maxSize) return {};
  const match = /^([0-9]+)([kmgt]?)(?:i?b)?$/i.exec(maxSize);
  const bytes = Number(match?.[1]) * (UNITS[(match?.[2] ?? "").toLowerCase()] ?? 1);
  if (Number.isSafeInteger(bytes)) return { limits: { ...DEFAULT_LIMITS, maxBytes: bytes } };
  throw new EngineError(`invalid size: '${maxSize}'`, {
    code: "ERR_USAGE",
    flag: "--max-size",
    fix: "write it as 500m or 20g",
  });
}
