import { findingsText } from "../../../cli/findings-text.ts";
import { withBundle } from "../../container/plan-container.ts";
import { ownContext } from "../../container/runtime-driver.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"validate"> = async ({ args: [word] }, at) => {
  const context = engineContext(at);
  const { validateBundle } = await import("../../../runtime/index.ts");
  const report = await withBundle(context, findContainer(context.paths, word), (bundle) =>
    validateBundle(ownContext(context.paths, context.warn), { bundle }),
  );
  at.print(findingsText(report, context.cwd));
  return report.findings.some(({ severity }) => severity === "error") ? 1 : 0;
};
