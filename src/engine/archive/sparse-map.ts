import { archiveError } from "./archive-error.ts";
import type { PaxRecords } from "./pax-records.ts";
import type { DataRange } from "./tar-entry.ts";

/** Where the ranges of a sparse file are told: in the extended header (0.0, 0.1) or before its data (1.0). */
export type SparseForm = "header" | "body";

/** Which form of GNU's sparse files an extended header announces, if any. Source: GNU tar, "Storing Sparse Files". */
export function sparseForm(pax: PaxRecords): SparseForm | undefined {
  if (pax.get("GNU.sparse.major") === "1" && pax.get("GNU.sparse.minor") === "0") return "body";
  return pax.has("GNU.sparse.map") || pax.has("GNU.sparse.offset") ? "header" : undefined;
}

/** The ranges of the forms 0.0 and 0.1. */
export function headerRanges(pax: PaxRecords): readonly DataRange[] {
  const map = pax.get("GNU.sparse.map");
  if (map !== undefined) return pairs(numbers(map));
  const offsets = numbers(pax.get("GNU.sparse.offset") ?? "");
  const lengths = numbers(pax.get("GNU.sparse.numbytes") ?? "");
  return pairs(offsets.flatMap((offset, index) => [offset, lengths[index] ?? Number.NaN]));
}

/** The size of a sparse file. */
export function sparseSize(pax: PaxRecords): number {
  return checked(Number(pax.get("GNU.sparse.realsize") ?? pax.get("GNU.sparse.size") ?? "NaN"));
}

/**
 * The ranges before the data of form 1.0: their number and pairs, a decimal on each line, padded to a block. Gives the
 * bytes that they take as well, or undefined where `text` does not have them all yet.
 */
export function bodyRanges(
  text: string,
): { readonly ranges: readonly DataRange[]; readonly bytes: number } | undefined {
  const lines = text.split("\n");
  const count = checked(Number(lines[0]));
  if (lines.length < 2 * count + 2) return undefined;
  const used = lines.slice(0, 2 * count + 1);
  const bytes = used.reduce((sum, line) => sum + line.length + 1, 0);
  return { ranges: pairs(used.slice(1).map(Number)), bytes: Math.ceil(bytes / 512) * 512 };
}

/** Checks that ranges are in order, inside the file, and hold together as much as the archive has. */
export function checkRanges(ranges: readonly DataRange[], fileBytes: number, storedBytes: number): void {
  let end = 0;
  let total = 0;
  for (const { offset, length } of ranges) {
    if (offset < end || offset + length > fileBytes) throw damaged("is wrong");
    end = offset + length;
    total += length;
  }
  if (total !== storedBytes) throw damaged("does not fit its data");
}

function numbers(text: string): readonly number[] {
  return text === "" ? [] : text.split(",").map(Number);
}

function pairs(values: readonly number[]): readonly DataRange[] {
  const ranges: DataRange[] = [];
  for (let index = 0; index < values.length; index += 2) {
    ranges.push({ offset: checked(values[index]), length: checked(values[index + 1]) });
  }
  return ranges;
}

function checked(value: number | undefined): number {
  if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return value;
  throw damaged("is damaged");
}

function damaged(how: string): Error {
  return archiveError(`Cannot read the archive: the map of a sparse file ${how}`);
}
