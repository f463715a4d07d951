import { NoSuchObjectError } from "../../base/errors.ts";
import { resolveObject } from "../../base/object-id.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { listSandboxes, readSandbox, type SandboxRecord } from "./sandbox-record.ts";

/** The sandbox of the container that a word means. Throws NoSuchObjectError where none of that name runs with a network. */
export function findSandbox(paths: EnginePaths, word: string): SandboxRecord {
  const records = listSandboxes(paths).flatMap((containerId) => readSandbox(paths, containerId) ?? []);
  const found = resolveObject(
    records.map((record) => ({ id: record.containerId, name: record.request.name, record })),
    word,
  );
  if (found.outcome !== "found") throw new NoSuchObjectError("running container with a network of its own", word);
  return found.object.record;
}
