import { hotParse } from "../../cli/hot-parse.ts";
import { pathType } from "../../sys/files.ts";
import { NO_IMAGE_CONFIG } from "../container/create-container.ts";
import type { EngineContext } from "../container/engine-context.ts";
import type { DefaultSettings } from "../container/explain-settings.ts";
import type { ContainerRecord } from "../container/record.ts";
import { containerConfigOf } from "../container/request/container-request.ts";
import { hostConfigOf } from "../container/request/host-config.ts";
import type { ImageRunConfig } from "../image/image.ts";
import { blobPath, readImageConfig } from "../image/image-config.ts";
import type { AnyEngineCall } from "./call.ts";
import { ENGINE_TABLE } from "./flags.gen.ts";

interface InsightFlags {
  readonly plan: boolean;
  readonly explain: boolean;
}

/** Prints what a container was made to be looked at for, and removes it. Gives the exit status. */
export async function showInsight(
  context: EngineContext,
  record: ContainerRecord,
  flags: InsightFlags,
  print: (text: string) => void,
): Promise<number> {
  const { removeContainer } = await import("../container/remove-container.ts");
  try {
    print(await insightOf(context, record, flags));
    return 0;
  } finally {
    await removeContainer(context, record.id, { force: true, withVolumes: true });
  }
}

async function insightOf(context: EngineContext, record: ContainerRecord, flags: InsightFlags): Promise<string> {
  const texts = [
    ...(flags.explain ? [await explanationText(context, record)] : []),
    ...(flags.plan ? [await planText(context, record)] : []),
  ];
  return texts.join("\n");
}

export async function planText(context: EngineContext, record: ContainerRecord): Promise<string> {
  const { planContainer } = await import("../container/plan-container.ts");
  const { printPlan } = await import("../../runtime/index.ts");
  return await printPlan(await planContainer(context, record), "text");
}

export async function explanationText(context: EngineContext, record: ContainerRecord): Promise<string> {
  const { explainContainer } = await import("../container/plan-container.ts");
  const { printExplanation } = await import("../container/print-explanation.ts");
  const { stepRows } = await import("../../runtime/index.ts");
  const { settings, plan } = await explainContainer(context, record, defaultSettings(context, record));
  return printExplanation(settings, await stepRows(plan));
}

function defaultSettings({ paths }: EngineContext, record: ContainerRecord): DefaultSettings {
  const { imageId } = record;
  // It may have been removed by force.
  const isThere = imageId !== undefined && pathType(blobPath(paths, imageId)) !== undefined;
  const image = isThere ? readImageConfig(paths, imageId).config : undefined;
  return {
    ...plainSettings(record, NO_IMAGE_CONFIG),
    imageConfig: plainSettings(record, image ?? NO_IMAGE_CONFIG).config,
  };
}

/** What a container has of whose command line nothing is known but the image. */
function plainSettings(
  { id, config }: ContainerRecord,
  imageConfig: ImageRunConfig,
): Pick<ContainerRecord, "config" | "hostConfig"> {
  // Parsed by the table that its type is computed from.
  const { flags } = hotParse(["create", config.Image], ENGINE_TABLE) as Extract<AnyEngineCall, { verb: "create" }>;
  const request = { flags, image: config.Image, command: [], imageConfig, isDetached: false, id };
  return {
    config: containerConfigOf({ ...request, envLines: [], labelLines: [], env: () => undefined }),
    hostConfig: hostConfigOf(flags, "bridge", false),
  };
}
