import { EngineError, EXIT_STATUS, NoSuchObjectError } from "../../base/errors.ts";
import { formatValue } from "../../base/format-template.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import { inspectContainer } from "../../container/inspect-container.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

type Kind = "container" | "image" | "network" | "volume";

/** docker's order, in which a word is looked up. */
const KINDS: readonly Kind[] = ["container", "image", "network", "volume"];

export const act: EngineAct<"inspect"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  const kinds = flags.type === undefined ? KINDS : [requireKind(flags.type)];
  const found: object[] = [];
  const missing: string[] = [];
  for (const word of args) {
    const object = await inspectAny(context, kinds, word, flags.size);
    if (object === undefined) missing.push(word);
    else found.push(object);
  }
  const { format } = flags;
  at.print(
    format === undefined
      ? `${JSON.stringify(found, null, 4)}\n`
      : format === "json"
        ? `${JSON.stringify(found)}\n`
        : found.map((one) => formatValue(one, format)).join(""),
  );
  const what = flags.type ?? "object";
  for (const word of missing) at.fail(new EngineError(`No such ${what}: ${word}`, { code: "ERR_NO_SUCH_OBJECT" }));
  return missing.length === 0 ? EXIT_STATUS.success : EXIT_STATUS.failure;
};

function requireKind(text: string): Kind {
  const kind = KINDS.find((one) => one === text);
  if (kind === undefined)
    throw new EngineError(`"${text}" is not a valid value for --type`, { code: "ERR_USAGE", flag: "--type" });
  return kind;
}

async function inspectAny(
  context: EngineContext,
  kinds: readonly Kind[],
  word: string,
  withSize: boolean,
): Promise<object | undefined> {
  for (const kind of kinds) {
    try {
      return await INSPECT[kind](context, word, withSize);
    } catch (error) {
      if (
        !(error instanceof EngineError) ||
        (!(error instanceof NoSuchObjectError) && error.code !== "ERR_NO_SUCH_OBJECT")
      )
        throw error;
    }
  }
  return undefined;
}

type Inspect = (context: EngineContext, word: string, withSize: boolean) => Promise<object>;

const INSPECT: Readonly<Record<Kind, Inspect>> = {
  container: (context, word, withSize) => inspectContainer(context, findContainer(context.paths, word), withSize),
  image: async ({ paths }, word) => {
    const { resolveImage } = await import("../../image/resolve-image.ts");
    const { id, repoTags, config, layers, digest } = resolveImage(paths, word);
    return {
      Id: id,
      RepoTags: repoTags,
      Digest: digest,
      Created: config.created ?? "",
      Author: config.author ?? "",
      Config: config.config ?? {},
      Architecture: config.architecture,
      Os: config.os,
      RootFS: { Type: "layers", Layers: config.rootfs.diff_ids },
      Layers: layers,
    };
  },
  network: async ({ paths }, word) => {
    const { resolveNetwork } = await import("../../network/network-store.ts");
    const { inspectNetwork } = await import("../../network/inspect-network.ts");
    return inspectNetwork(paths, resolveNetwork(paths, word));
  },
  volume: async ({ paths }, word) => {
    const { requireVolume } = await import("../../container/volumes.ts");
    const { inspectVolume } = await import("../../container/inspect-volume.ts");
    return inspectVolume(paths, requireVolume(paths, word));
  },
};
