import { packTree } from "../../archive/tree-packer.ts";
import { findContainer } from "../../container/store.ts";
import { withMountedRootfs } from "../../storage/with-mounted-rootfs.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { withFileOutput } from "../file-output.ts";

export const act: EngineAct<"export"> = async ({ flags, args: [word] }, at) => {
  const paths = enginePathsOf(at);
  const { id } = findContainer(paths, word);
  await withMountedRootfs(paths, id, async (merged) => {
    await withFileOutput(at, flags.output, async (sink) => {
      await packTree(merged, sink, { isLayer: false });
    });
  });
};
