import { runProgram } from "../../../sys/run-program.ts";
import { EngineError } from "../../base/errors.ts";
import { textTable } from "../../base/table.ts";
import { psRows } from "../../container/ps-rows.ts";
import { type ForeignRuntime, runtimeDriver } from "../../container/runtime-driver.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

/** docker's columns of this command are never narrower. */
const MIN_WIDTH = 20;

export const act: EngineAct<"top"> = async ({ args: [word, ...psArgs] }, at) => {
  const { paths, warn } = engineContext(at);
  const record = findContainer(paths, word);
  if (liveStatus(paths, record).pid === 0)
    throw new EngineError(`container ${record.id} is not running`, { code: "ERR_CONTAINER_STATUS" });
  const driver = runtimeDriver(paths, record.hostConfig.Runtime, warn);
  const text =
    driver.kind === "foreign"
      ? foreignTable(driver, record.id, psArgs)
      : await (await import("../../../runtime/index.ts")).processTable(driver.context, { id: record.id, psArgs });
  at.print(textTable(psRows(text), MIN_WIDTH));
};

function foreignTable({ path, root }: ForeignRuntime, id: string, psArgs: readonly string[]): string {
  const { status, output } = runProgram(path, ["--root", root, "ps", id, ...psArgs]);
  if (status !== 0) throw new EngineError(`Cannot list the processes: ${output}`);
  return output;
}
