import { NoSuchObjectError } from "../../base/errors.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { type RemovedImage, removeImage } from "../../image/remove-image.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"rmi"> = ({ flags, args }, at) => {
  const paths = enginePathsOf(at);
  return forEachNamed(args, at, async (word) => {
    const removed = await remove(paths, word, flags.force === true, at.fail);
    if (removed === undefined) return;
    const { untagged, deleted } = removed;
    const lines = [
      ...untagged.map((name) => `Untagged: ${name}\n`),
      ...deleted.map((digest) => `Deleted: ${digest}\n`),
    ];
    at.print(lines.join(""));
  });
};

/** With --force what is wanted is that it is gone: that there is none is told, and no failure. */
async function remove(
  paths: EnginePaths,
  word: string,
  force: boolean,
  fail: (error: unknown) => void,
): Promise<RemovedImage | undefined> {
  try {
    return await removeImage(paths, word, { force });
  } catch (error) {
    if (!force || !(error instanceof NoSuchObjectError)) throw error;
    fail(error);
    return undefined;
  }
}
