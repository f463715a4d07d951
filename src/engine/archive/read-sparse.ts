import { archiveError } from "./archive-error.ts";
import type { PaxRecords } from "./pax-records.ts";
import { bodyRanges, checkRanges, headerRanges, sparseForm, sparseSize } from "./sparse-map.ts";
import { BLOCK_BYTES, type DataRange } from "./tar-entry.ts";
import { numberAt, type RawHeader } from "./tar-header.ts";

/** A sparse file of an archive. */
export interface Sparse {
  readonly ranges: readonly DataRange[];
  readonly size: number;
  /** How much data there is, and where it begins. */
  readonly storedBytes: number;
  readonly dataStart: number;
}

const MAX_MAP_BYTES = 1 << 20;

/**
 * Reads the map of a sparse file, whose header ends at `start` and is followed by `stored` bytes; undefined where the file
 * is none, "more" where more of the archive is needed.
 */
export function readSparse(
  { type }: RawHeader,
  pax: PaxRecords | undefined,
  stored: number,
  buffer: Buffer,
  start: number,
): Sparse | "more" | undefined {
  if (type === "S") return oldSparse(buffer, start, stored);
  const form = pax === undefined ? undefined : sparseForm(pax);
  if (pax === undefined || form === undefined) return undefined;
  const size = sparseSize(pax);
  if (form === "header")
    return checkedSparse({ ranges: headerRanges(pax), size, storedBytes: stored, dataStart: start });
  const available = Math.min(buffer.length - start, stored, MAX_MAP_BYTES);
  const map = bodyRanges(buffer.toString("latin1", start, start + available));
  if (map === undefined || map.bytes > buffer.length - start) {
    if (available < Math.min(stored, MAX_MAP_BYTES)) return "more";
    throw archiveError("Cannot read the archive: the map of a sparse file is too long or cut off");
  }
  const { ranges, bytes } = map;
  return checkedSparse({ ranges, size, storedBytes: stored - bytes, dataStart: start + bytes });
}

function checkedSparse(sparse: Sparse): Sparse {
  checkRanges(sparse.ranges, sparse.size, sparse.storedBytes);
  return sparse;
}

/** GNU's old form: four ranges in the header, and 21 in each further block. Source: tar(5), "GNU tar archives". */
function oldSparse(buffer: Buffer, start: number, stored: number): Sparse | "more" {
  const header = start - BLOCK_BYTES;
  const ranges = rangesAt(buffer, header + 386, 4);
  let at = start;
  for (let isExtended = buffer[header + 482] !== 0; isExtended; at += BLOCK_BYTES) {
    if (buffer.length < at + BLOCK_BYTES) return "more";
    if (at - start > MAX_MAP_BYTES) throw archiveError("Cannot read the archive: the map of a sparse file is too long");
    ranges.push(...rangesAt(buffer, at, 21));
    isExtended = buffer[at + 504] !== 0;
  }
  return checkedSparse({ ranges, size: numberAt(buffer, header, [483, 12]), storedBytes: stored, dataStart: at });
}

function rangesAt(buffer: Buffer, at: number, count: number): DataRange[] {
  const ranges: DataRange[] = [];
  for (let index = 0; index < count && buffer[at + 24 * index] !== 0; index++) {
    const offset = at + 24 * index;
    ranges.push({ offset: numberAt(buffer, offset, [0, 12]), length: numberAt(buffer, offset, [12, 12]) });
  }
  return ranges;
}
