import type { EngineContext } from "../../container/engine-context.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { recoverContainers, shownStatus } from "../../container/recover.ts";
import { findContainer, listContainers } from "../../container/store.ts";
import { collectGraph } from "../../graph/collect-graph.ts";
import type { Graph } from "../../graph/graph-model.ts";
import { layoutGraph } from "../../graph/layout-graph.ts";
import { renderDot } from "../../graph/render-dot.ts";
import { renderSvg } from "../../graph/render-svg.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { withFileOutput } from "../file-output.ts";

export const act: EngineAct<"graph"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  const records = args.length === 0 ? await runningOnes(context) : namedOnes(context, args);
  const graph = await collectGraph(context, records);
  const text = RENDERERS[RENDERER_NAMES.find((name) => name === flags.format) ?? "svg"](graph);
  if (flags.output === undefined) at.print(text);
  else await withFileOutput(at, flags.output, async (sink) => sink(Buffer.from(text)));
};

const RENDERERS = {
  svg: (graph: Graph) => renderSvg(layoutGraph(graph)),
  dot: renderDot,
  json: (graph: Graph) => `${JSON.stringify(graph, null, 4)}\n`,
} as const;

const RENDERER_NAMES = ["svg", "dot", "json"] as const;

/** Each once, in the order in which they are named. */
function namedOnes({ paths }: EngineContext, words: readonly string[]): readonly ContainerRecord[] {
  const records = words.map((word) => findContainer(paths, word));
  return [...new Map(records.map((record) => [record.id, record])).values()];
}

/** Those that run or are paused, by their names. */
async function runningOnes(context: EngineContext): Promise<readonly ContainerRecord[]> {
  const { paths, warn } = context;
  const all = await recoverContainers(context, listContainers(paths, warn));
  const running = all.filter((record) => shownStatus(paths, record).pid !== 0);
  return running.sort((a, b) => (a.name < b.name ? -1 : 1));
}
