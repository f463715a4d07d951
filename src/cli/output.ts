import type { ContainerState, ListEntry } from "../runtime/index.ts";

const COLUMNS = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"];
const MIN_WIDTH = 12;
const GAP = 3;

/** The table that `list` prints: runc's columns and their widths. An unreadable container has its reason for a bundle. */
export function listTable(entries: readonly ListEntry[]): string {
  const rows = [COLUMNS, ...entries.map(tableRow)];
  const widths = COLUMNS.map((_, column) =>
    Math.max(MIN_WIDTH, ...rows.map((row) => (row[column] ?? "").length + GAP)),
  );
  return rows.map((row) => `${row.map((cell, at) => padded(cell, at, widths)).join("")}\n`).join("");
}

/** The array that `list --format json` prints, on one line. An unreadable container has an id, a status and a problem. */
export function listJson(entries: readonly ListEntry[]): string {
  const states = entries.map((entry) =>
    "state" in entry
      ? stateMembers(entry.state)
      : { id: entry.id, pid: 0, status: "unreadable", problem: entry.problem },
  );
  return `${JSON.stringify(states)}\n`;
}

/** The ids, one a line. */
export function listIds(entries: readonly ListEntry[]): string {
  return entries.map((entry) => `${"state" in entry ? entry.state.id : entry.id}\n`).join("");
}

/** What `state` prints: runc's members in runc's order, indented by two. Source: runtime.md#state. */
export function stateJson(state: ContainerState): string {
  return `${JSON.stringify(stateMembers(state), null, 2)}\n`;
}

function tableRow(entry: ListEntry): readonly string[] {
  if (!("state" in entry)) return [entry.id, "-", "unreadable", `(${entry.problem})`, "-", "-"];
  const { id, pid, status, bundle, created, owner } = entry.state;
  return [id, String(pid), status, bundle, created, owner];
}

function padded(cell: string, column: number, widths: readonly number[]): string {
  return column === COLUMNS.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
}

function stateMembers(state: ContainerState): ContainerState {
  const { ociVersion, id, pid, status, bundle, rootfs, created, annotations, owner } = state;
  const base = { ociVersion, id, pid, status, bundle, rootfs, created };
  return annotations === undefined || Object.keys(annotations).length === 0
    ? { ...base, owner }
    : { ...base, annotations, owner };
}
