import { pathType, unlink, writeAtomic } from "../../sys/files.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import type { ContainerRecord } from "./record.ts";
import { callProgram, runtimeDriver } from "./runtime-driver.ts";
import { runDirectory } from "./store.ts";

/** There while a container is suspended: its monitor makes no checks then. Source: native/monitor_health.c. */
export function pauseMark(paths: EnginePaths, id: string): string {
  return `${runDirectory(paths, id)}/paused`;
}

/** Suspends a container's processes, or lets them go on. */
export async function pauseContainer(
  { paths, warn }: EngineContext,
  record: ContainerRecord,
  isPause: boolean,
): Promise<void> {
  const driver = runtimeDriver(paths, record.hostConfig.Runtime, warn);
  const mark = pauseMark(paths, record.id);
  // Where this process is killed in between, checks are made, and fail: better than none for ever.
  if (!isPause && pathType(mark) !== undefined) unlink(mark);
  const verb = isPause ? "pause" : "resume";
  if (driver.kind === "foreign") {
    if (callProgram(driver, [verb, record.id]) !== 0) throw new EngineError(`Cannot ${verb} container ${record.id}`);
  } else {
    const runtime = await import("../../runtime/index.ts");
    await (isPause ? runtime.pauseContainer : runtime.resumeContainer)(driver.context, { id: record.id });
  }
  if (isPause) writeAtomic(mark, "", 0o600);
  noteContainerEvent(paths, record, isPause ? "pause" : "unpause");
}
