/** One thing to take back. Each is written before the thing is done, and tolerates that it was not. */
export type UndoEntry =
  | { readonly undo: "kill"; readonly pid: number; readonly startTime: number }
  | { readonly undo: "cgroup.rmdir"; readonly path: string }
  | { readonly undo: "unlink"; readonly path: string }
  | { readonly undo: "rmdir"; readonly path: string }
  /** A path inside the container's root filesystem. */
  | { readonly undo: "rootfs.remove"; readonly path: string };

export const JOURNAL_FILE = "journal.jsonl";

/**
 * Reads a journal: one JSON object a line. The last line may be torn, by a crash in the middle of its writing: what it
 * was to announce has not been done then.
 */
export function parseJournal(text: string): readonly UndoEntry[] {
  const lines = text.split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line) as UndoEntry); // written by this program, into a directory of root's own
}
