import { runtimeDriver } from "../../container/runtime-driver.ts";
import { startFailure } from "../../container/start-container.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

/** What the static program starts where it could not run a program in a container. */
export const act: EngineAct<"exec-failed"> = async ({ args: record }, at) => {
  const { paths, warn } = engineContext(at);
  const driver = runtimeDriver(paths, "", warn);
  const { reportFailure } = await import("../../../runtime/index.ts");
  if (driver.kind !== "own") return 1;
  try {
    return await reportFailure(driver.context, { verb: "exec", id: "", record });
  } catch (error) {
    throw startFailure("execute the command", error instanceof Error ? error.message : String(error));
  }
};
