import { findContainer } from "../../container/store.ts";
import { rootfsChanges } from "../../storage/rootfs-store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"diff"> = async ({ args: [word] }, at) => {
  const { paths } = engineContext(at);
  const changes = await rootfsChanges(paths, findContainer(paths, word).id);
  at.print(changes.map(({ kind, path }) => `${kind} ${path}\n`).join(""));
};
