import { archiveError } from "./archive-error.ts";

/** Extended header records; values are bytes, one character each. */
export type PaxRecords = ReadonlyMap<string, string>;

/**
 * Parses "<length> <key>=<value>\n" records. "GNU.sparse.offset" and "GNU.sparse.numbytes" may come many times: their
 * values are joined by commas. Throws EngineError ERR_ARCHIVE. Source: pax(1), "pax Extended Header".
 */
export function parsePaxRecords(body: Buffer): PaxRecords {
  const records = new Map<string, string>();
  for (let start = 0; start < body.length; ) {
    const space = body.indexOf(0x20, start);
    const length = Number(body.toString("latin1", start, Math.max(start, space)));
    const end = start + length;
    const equals = body.indexOf(0x3d, space);
    const isWhole = space > start && Number.isInteger(length) && length >= 5 && end <= body.length;
    if (!isWhole || body[end - 1] !== 0x0a || equals === -1 || equals >= end) {
      throw archiveError("Cannot read the archive: an extended header is damaged");
    }
    addRecord(records, body.toString("latin1", space + 1, equals), body.toString("latin1", equals + 1, end - 1));
    start = end;
  }
  return records;
}

/** Makes the records of an extended header; keys and values are bytes, one character each. */
export function formatPaxRecords(records: Iterable<readonly [key: string, value: string]>): string {
  let text = "";
  for (const [key, value] of records) {
    const rest = ` ${key}=${value}\n`;
    // The length counts its own digits.
    let length = rest.length + String(rest.length).length;
    if (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    text += `${length}${rest}`;
  }
  return text;
}

function addRecord(records: Map<string, string>, key: string, value: string): void {
  const known = records.get(key);
  const isRepeated = key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes";
  records.set(key, isRepeated && known !== undefined ? `${known},${value}` : value);
}
