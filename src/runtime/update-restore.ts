import { assertNever } from "../base/assert.ts";
import { RuntimeError } from "../base/errors.ts";
import type { CgroupUpdate } from "../cgroup/compile-update.ts";
import { readTextIfExists, writeExisting } from "../sys/files.ts";

type UpdateWrite = CgroupUpdate["writes"][number];

/** A write that puts back what an update changed. */
interface TakeBack {
  readonly path: string;
  readonly text: string;
}

/** For each write of an update what would take it back, read before the first one is done; undefined for nothing. */
export function readTakeBacks(writes: readonly UpdateWrite[]): readonly (TakeBack | undefined)[] {
  return writes.map(readTakeBack);
}

/** Takes writes back, the last one first; gives what failed. */
export function takeBack(entries: readonly (TakeBack | undefined)[]): readonly Error[] {
  const failures: Error[] = [];
  for (const entry of entries.toReversed()) {
    try {
      if (entry !== undefined) writeExisting(entry.path, entry.text);
    } catch (error) {
      failures.push(error instanceof Error ? error : new RuntimeError("ERR_INTERNAL", String(error)));
    }
  }
  return failures;
}

function readTakeBack({ write, restore }: UpdateWrite): TakeBack | undefined {
  // A program is the last of the writes: what comes before it can be refused, but nothing after it.
  if (restore.kind === "nothing" || restore.kind === "program") return undefined;
  if (restore.kind === "write") return { path: restore.path, text: restore.value };
  for (const path of [write.path, ...(write.kind === "write" && write.orElse !== undefined ? [write.orElse] : [])]) {
    const text = readTextIfExists(path);
    if (text !== undefined) return { path, text: textBefore(text, restore) };
  }
  return undefined;
}

type FileRestore = Extract<UpdateWrite["restore"], { kind: "text" | "word" | "line" }>;

function textBefore(text: string, restore: FileRestore): string {
  const lines = text.split("\n");
  switch (restore.kind) {
    case "text":
      return text.trimEnd();
    case "word":
      return lines.find((line) => line.startsWith(`${restore.key} `))?.slice(restore.key.length + 1) ?? "";
    case "line":
      return lines.find((line) => line.startsWith(`${restore.key} `)) ?? restore.absent;
    default:
      return assertNever(restore);
  }
}
