import { explainSandbox } from "../../network/explain/explain-sandbox.ts";
import { printExplanation } from "../../network/explain/print-explanation.ts";
import { findSandbox } from "../../network/sandbox/find-sandbox.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network explain"> = ({ args: [container], flags }, at) => {
  const paths = enginePathsOf(at);
  const explanation = explainSandbox(paths, findSandbox(paths, container));
  at.print(flags.format === "json" ? `${JSON.stringify(explanation, null, 2)}\n` : printExplanation(explanation));
};
