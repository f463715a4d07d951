import { EngineError } from "../base/errors.ts";
import { shortId } from "../base/object-id.ts";
import type { EnginePaths } from "../base/paths.ts";
import { familiarReference } from "../base/reference.ts";
import { collectGarbage } from "./collect-garbage.ts";
import type { Digest, ImageId } from "./image.ts";
import { changeIndex, type IndexEntry } from "./image-index.ts";
import { withoutReference } from "./image-names.ts";
import { type ImageUser, imageUsers } from "./image-users.ts";
import { entryByName, idOf, resolveImageId } from "./resolve-image.ts";

/** What `rmi` did, line by line. */
export interface RemovedImage {
  /** In the short form. */
  readonly untagged: readonly string[];
  readonly deleted: readonly (Digest | ImageId)[];
}

export interface RemoveImageOptions {
  /** Also while a stopped container has it, and with all its names. */
  readonly force: boolean;
}

/**
 * Takes a name away, and removes the image with its last one; by its id, the image with its only name, or with all of them
 * where it is forced. Throws EngineError in docker's words where a container has it.
 */
export async function removeImage(
  paths: EnginePaths,
  word: string,
  options: RemoveImageOptions,
): Promise<RemovedImage> {
  let removal: Removal | undefined;
  let deleted: readonly Digest[] = [];
  await changeIndex(
    paths,
    (entries) => {
      removal = planRemoval(paths, entries, word, options);
      return removal.left;
    },
    (left) => {
      const { removed } = collectGarbage(paths, left);
      const id = removal?.id;
      if (id === undefined || left.some((entry) => idOf(paths, entry) === id)) return;
      deleted = [id, ...removed.filter((digest) => digest !== id)];
    },
  );
  return { untagged: (removal?.untagged ?? []).map(familiarReference), deleted };
}

interface Removal {
  readonly id: ImageId;
  readonly left: readonly IndexEntry[];
  readonly untagged: readonly string[];
}

function planRemoval(
  paths: EnginePaths,
  entries: readonly IndexEntry[],
  word: string,
  { force }: RemoveImageOptions,
): Removal {
  const id = resolveImageId(paths, entries, word);
  const own = entries.filter((entry) => idOf(paths, entry) === id);
  const others = entries.filter((entry) => idOf(paths, entry) !== id);
  const names = own.flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
  const byName = entryByName(entries, word)?.reference;
  if (byName !== undefined && names.length > 1) {
    return { id, left: withoutReference(entries, byName), untagged: [byName] };
  }
  if (byName === undefined && names.length > 1 && !force) {
    const reason = "image is referenced in multiple repositories";
    throw conflict(`conflict: unable to delete ${shortId(id)} (must be forced) - ${reason}`);
  }
  checkUsers(
    imageUsers(paths).filter((user) => user.imageId === id),
    { id, word, byName, force },
  );
  return { id, left: others, untagged: names };
}

interface Removing {
  readonly id: ImageId;
  readonly word: string;
  readonly byName: string | undefined;
  readonly force: boolean;
}

function checkUsers(users: readonly ImageUser[], { id, word, byName, force }: Removing): void {
  const running = users.find(({ isMounted }) => isMounted);
  const stopped = force ? undefined : users[0];
  const user = running ?? stopped;
  if (user === undefined) return;
  const how = running === undefined ? "must" : "cannot be forced";
  const container = shortId(user.containerId);
  const kind = running === undefined ? "stopped" : "running";
  throw conflict(
    byName === undefined
      ? `conflict: unable to delete ${shortId(id)} (${how === "must" ? "must be forced" : how}) - image is being used by ${kind} container ${container}`
      : `conflict: unable to remove repository reference "${word}" (${how === "must" ? "must force" : how}) - container ${container} is using its referenced image ${shortId(id)}`,
  );
}

function conflict(message: string): EngineError {
  return new EngineError(message, { code: "ERR_CONFLICT" });
}
