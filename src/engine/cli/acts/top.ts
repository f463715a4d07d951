import { EngineError } from "../../base/errors.ts";
import { callProgram, runtimeDriver } from "../../container/runtime-driver.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"top"> = async ({ args: [word, ...psArgs] }, at) => {
  const { paths, warn } = engineContext(at);
  const record = findContainer(paths, word);
  if (liveStatus(paths, record).pid === 0)
    throw new EngineError(`container ${record.id} is not running`, { code: "ERR_CONTAINER_STATUS" });
  const driver = runtimeDriver(paths, record.hostConfig.Runtime, warn);
  if (driver.kind === "foreign") return callProgram(driver, ["ps", record.id, ...psArgs]);
  const { processTable } = await import("../../../runtime/index.ts");
  at.print(await processTable(driver.context, { id: record.id, psArgs }));
  return 0;
};
