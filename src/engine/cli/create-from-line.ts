import { absolutePath } from "../../cli/absolute-path.ts";
import { readText } from "../../sys/files.ts";
import { EngineError } from "../base/errors.ts";
import type { CreateRequest } from "../container/create-container.ts";
import { createContainer, NO_IMAGE_CONFIG, rootfsDirectory, writeCidFile } from "../container/create-container.ts";
import type { EngineContext } from "../container/engine-context.ts";
import type { ContainerRecord, NetworkingRequest } from "../container/record.ts";
import type { ContainerFlags } from "../container/request/container-flags.ts";
import { containerConfigOf, fileLines } from "../container/request/container-request.ts";
import { hostConfigOf } from "../container/request/host-config.ts";
import type { ImageRunConfig } from "../image/image.ts";
import { checkPlatform, ociArchitecture } from "../image/platform.ts";
import type { EngineSurroundings } from "./act.ts";

export interface CreateLine {
  readonly flags: ContainerFlags;
  readonly args: readonly string[];
  readonly isDetached: boolean;
}

/** Makes the container that a line of `run` or `create` describes. Throws EngineError. */
export async function createFromLine(
  context: EngineContext,
  { host }: EngineSurroundings,
  { flags, args, isDetached }: CreateLine,
): Promise<ContainerRecord> {
  const [image, ...command] = args;
  if (image === undefined)
    throw new EngineError("Missing container command", {
      code: "ERR_USAGE",
      exitStatus: 125,
      fix: 'see "mydocker run --help"',
    });
  const { source, imageConfig } = await sourceOf(context, flags, image);
  const lines = (files: readonly string[]) =>
    files.flatMap((file) => fileLines(readText(absolutePath(context.cwd, file))));
  const request = {
    flags,
    image,
    command,
    imageConfig,
    isDetached,
    envLines: lines(flags["env-file"]),
    labelLines: lines(flags["label-file"]),
    env: host.env,
  };
  const networks = networkNames(flags);
  const hostConfig = hostConfigOf(flags, networks[0] ?? "bridge", flags.rm);
  const record = await createContainer(context, {
    name: flags.name,
    source,
    configFor: (id) => containerConfigOf({ ...request, id }),
    hostConfig,
    networking: networkingOf(flags, networks),
  });
  if (flags.cidfile !== undefined) writeCidFile(flags.cidfile, record.id, context.cwd);
  return record;
}

/** An image for another one is looked at. */
const HOST_ARCHITECTURE = ociArchitecture(process.arch);

interface Source {
  readonly source: CreateRequest["source"];
  readonly imageConfig: ImageRunConfig;
}

async function sourceOf({ paths, cwd, warn }: EngineContext, flags: ContainerFlags, word: string): Promise<Source> {
  if (flags.rootfs) return { source: { rootfs: rootfsDirectory(word, cwd) }, imageConfig: NO_IMAGE_CONFIG };
  const { resolveImage } = await import("../image/resolve-image.ts");
  const { id, config } = resolveImage(paths, word);
  if (flags.platform !== undefined || config.architecture !== HOST_ARCHITECTURE) {
    checkPlatform(word, config, flags.platform, warn);
  }
  return { source: { image: id }, imageConfig: config.config ?? NO_IMAGE_CONFIG };
}

function networkNames(flags: ContainerFlags): readonly string[] {
  return [...flags.network, ...flags.net].map((name) => name.replace(/^name=/, ""));
}

function networkingOf(flags: ContainerFlags, networks: readonly string[]): NetworkingRequest {
  const mode = networks[0] ?? "bridge";
  const hasOwn = mode !== "none" && mode !== "host" && !mode.startsWith("container:");
  if (!hasOwn && flags.publish.length > 0 && mode !== "host") {
    throw new EngineError(`conflicting options: port publishing and the container type network mode`, {
      code: "ERR_USAGE",
      flag: "--publish",
      exitStatus: 125,
    });
  }
  return {
    networks: hasOwn ? (networks.length === 0 ? ["bridge"] : networks) : [],
    aliases: flags["network-alias"],
    ...(flags.ip !== undefined && { ip: flags.ip }),
    ...(flags.ip6 !== undefined && { ip6: flags.ip6 }),
    ...(flags["mac-address"] !== undefined && { mac: flags["mac-address"] }),
  };
}
