import { StateError } from "../base/errors.ts";

/** One thing to take back. Each is written before the thing is done, and tolerates that it was not. */
export type UndoEntry =
  | { readonly undo: "kill"; readonly pid: number; readonly startTime: number }
  | { readonly undo: "cgroup.rmdir"; readonly path: string }
  /** A cgroup above the container's own, in which others may have theirs by now. */
  | { readonly undo: "cgroup.release"; readonly path: string }
  /** The cgroup `path` is a unit of systemd's. */
  | { readonly undo: "scope.stop"; readonly path: string; readonly unit: string; readonly user: boolean }
  /** A class of service that the config names: it outlives the container, but not a create that failed. */
  | { readonly undo: "rdt.rmdir"; readonly path: string }
  | { readonly undo: "unlink"; readonly path: string }
  | { readonly undo: "rmdir"; readonly path: string }
  /** A path inside the container's root filesystem. */
  | { readonly undo: "rootfs.remove"; readonly path: string };

export const JOURNAL_FILE = "journal.jsonl";

/**
 * Reads a journal, in the order in which it was written: one JSON object a line. The last line may be torn, by a crash
 * in the middle of its writing: what it was to announce has not been done then. Throws StateError ERR_STATE_CORRUPT.
 */
export function parseJournal(text: string, path: string): readonly UndoEntry[] {
  const lines = text.split("\n");
  lines.pop(); // "" behind the last newline, or what is torn
  return lines.map((line, index) => parseLine(line) ?? refuse(line, index + 1, path));
}

function parseLine(line: string): UndoEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isUndo(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isUndo(value: unknown): value is UndoEntry {
  if (typeof value !== "object" || value === null || !("undo" in value)) return false;
  if (value.undo === "kill")
    return "pid" in value && isCount(value.pid) && "startTime" in value && isCount(value.startTime);
  if (value.undo === "scope.stop") return isScope(value);
  const isKnown = ["cgroup.rmdir", "cgroup.release", "rdt.rmdir", "unlink", "rmdir", "rootfs.remove"].includes(
    String(value.undo),
  );
  return isKnown && "path" in value && typeof value.path === "string" && value.path !== "";
}

function isScope(value: object): boolean {
  const { path, unit, user } = { path: "", unit: "", user: undefined, ...value };
  return typeof path === "string" && typeof unit === "string" && unit !== "" && typeof user === "boolean";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function refuse(line: string, number: number, path: string): never {
  const shown = line.length > 120 ? `${line.slice(0, 117)}...` : line;
  throw new StateError(
    "ERR_STATE_CORRUPT",
    `Cannot undo what line ${number} of "${path}" says: ${JSON.stringify(shown)}`,
    {
      fix: "undo it by hand, and remove the line",
    },
  );
}
