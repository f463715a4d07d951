import { RuntimeError } from "../base/errors.ts";
import { containerIds } from "../state/store.ts";
import { pathType } from "../sys/files.ts";
import type { ListEntry, ListOptions, RuntimeContext } from "./options.ts";
import { containerState } from "./state.ts";

/** All containers of the root, sorted by id. One whose state cannot be read is listed with the reason. */
export function listContainers(context: RuntimeContext, { rootMustExist = false }: ListOptions): readonly ListEntry[] {
  if (rootMustExist && pathType(context.root) === undefined) {
    throw new RuntimeError("ERR_USAGE", `Cannot list the containers of "${context.root}": it does not exist`, {
      flag: "--root",
      fix: "name the directory that the containers were made with, or leave --root out",
    });
  }
  return containerIds(context.root).flatMap((id) => entryOf(context, id));
}

function entryOf(context: RuntimeContext, id: string): readonly ListEntry[] {
  try {
    return [{ state: containerState(context, { id }) }];
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    // Removed while the list was made, or no container's directory at all.
    if (error.code === "ERR_CONTAINER_NOT_FOUND" || error.code === "ERR_INVALID_ID") return [];
    return [{ id, problem: error.message }];
  }
}
