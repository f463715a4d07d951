import { EngineError } from "../../base/errors.ts";
import { noteContainerEvent } from "../../container/events.ts";
import { changeContainer, claimName, findContainer, releaseName } from "../../container/store.ts";
import { renameSandbox } from "../../network/index.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"rename"> = async ({ args: [word, wanted = ""] }, at) => {
  const { paths } = engineContext(at);
  const { id } = findContainer(paths, word);
  const name = wanted.replace(/^\//, "");
  changeContainer(paths, id, (record) => {
    if (record.name === name) {
      throw new EngineError("Renaming a container with the same name as its current name", { code: "ERR_CONFLICT" });
    }
    claimName(paths, id, name);
    noteContainerEvent(paths, record, "rename", { oldName: `/${record.name}` });
    releaseName(paths, id, record.name);
    return { ...record, name };
  });
  await renameSandbox(paths, id, name);
};
