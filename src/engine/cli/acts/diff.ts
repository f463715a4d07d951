import { diffConfigs, printConfigChanges } from "../../../config/config-diff.ts";
import { parseStoredConfig } from "../../../config/stored-config.ts";
import { readText } from "../../../sys/files.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { findContainer } from "../../container/store.ts";
import { rootfsChanges } from "../../storage/rootfs-store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"diff"> = async ({ args: [word, other] }, at) => {
  const context = engineContext(at);
  const record = findContainer(context.paths, word);
  at.print(
    other === undefined
      ? await changedFiles(context, record)
      : await changedConfig(context, record, findContainer(context.paths, other)),
  );
};

async function changedFiles({ paths }: EngineContext, { id }: ContainerRecord): Promise<string> {
  const changes = await rootfsChanges(paths, id);
  return changes.map(({ kind, path }) => `${kind} ${path}\n`).join("");
}

async function changedConfig(context: EngineContext, one: ContainerRecord, other: ContainerRecord): Promise<string> {
  const { withBundle } = await import("../../container/plan-container.ts");
  const read = (record: ContainerRecord) =>
    withBundle(context, record, async (bundle) => parseStoredConfig(readText(`${bundle}/config.json`)));
  return printConfigChanges(diffConfigs(await read(one), await read(other)));
}
