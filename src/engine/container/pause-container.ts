import { EngineError } from "../base/errors.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import type { ContainerRecord } from "./record.ts";
import { callProgram, runtimeDriver } from "./runtime-driver.ts";

/** Suspends a container's processes, or lets them go on. */
export async function pauseContainer(
  { paths, warn }: EngineContext,
  record: ContainerRecord,
  isPause: boolean,
): Promise<void> {
  const driver = runtimeDriver(paths, record.hostConfig.Runtime, warn);
  const verb = isPause ? "pause" : "resume";
  if (driver.kind === "foreign") {
    if (callProgram(driver, [verb, record.id]) !== 0) throw new EngineError(`Cannot ${verb} container ${record.id}`);
  } else {
    const runtime = await import("../../runtime/index.ts");
    await (isPause ? runtime.pauseContainer : runtime.resumeContainer)(driver.context, { id: record.id });
  }
  noteContainerEvent(paths, record, isPause ? "pause" : "unpause");
}
