import { absolutePath } from "../../cli/absolute-path.ts";
import { readText } from "../../sys/files.ts";
import { EngineError, EXIT_STATUS } from "../base/errors.ts";
import type { CreateRequest } from "../container/create-container.ts";
import { createContainer, NO_IMAGE_CONFIG, rootfsDirectory, writeCidFile } from "../container/create-container.ts";
import type { EngineContext } from "../container/engine-context.ts";
import type { ContainerRecord, NetworkingRequest } from "../container/record.ts";
import { checkTogether } from "../container/request/check-together.ts";
import type { ContainerFlags } from "../container/request/container-flags.ts";
import { containerConfigOf, fileLines } from "../container/request/container-request.ts";
import { hostConfigOf } from "../container/request/host-config.ts";
import { usage } from "../container/request/usage.ts";
import { listContainers } from "../container/store.ts";
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
  { host, warn }: EngineSurroundings,
  { flags, args, isDetached }: CreateLine,
): Promise<ContainerRecord> {
  const image = imageWord(args);
  const { source, imageConfig } = await sourceOf(context, flags, image);
  const lines = (files: readonly string[]) =>
    files.flatMap((file) => fileLines(readText(absolutePath(context.cwd, file))));
  const request = {
    flags,
    image,
    command: args.slice(1),
    imageConfig,
    isDetached,
    envLines: lines(flags["env-file"]),
    labelLines: lines(flags["label-file"]),
    env: host.env,
  };
  const networks = networkNames(flags);
  checkTogether(flags, networks[0] ?? "bridge");
  const hostConfig = hostConfigOf(flags, networks[0] ?? "bridge", flags.rm);
  if (flags.replace) await removeNamed(context, flags.name);
  const record = await createContainer(context, {
    name: flags.name,
    source,
    configFor: (id) => containerConfigOf({ ...request, id }),
    hostConfig,
    networking: networkingOf(flags, networks),
  });
  for (const warning of ineffective(flags, hostConfig.NetworkMode)) warn(warning);
  if (flags.cidfile !== undefined) writeCidFile(flags.cidfile, record.id, context.cwd);
  return record;
}

/** The image, or the directory of --rootfs, that a line names. Throws EngineError where it names none. */
export function imageWord([image]: readonly string[]): string {
  if (image !== undefined) return image;
  throw new EngineError("Missing container command", {
    code: "ERR_USAGE",
    exitStatus: EXIT_STATUS.failure,
    fix: 'see "mydocker run --help"',
  });
}

/** For --replace: whatever has the name now goes first. */
async function removeNamed(context: EngineContext, name: string | undefined): Promise<void> {
  if (name === undefined) throw usage("cannot replace container without --name being set", "--replace");
  const { removeContainer } = await import("../container/remove-container.ts");
  const known = listContainers(context.paths, context.warn).find((record) => record.name === name.replace(/^\//, ""));
  if (known !== undefined) await removeContainer(context, known.id, { force: true, withVolumes: true });
}

/** What was asked for and does less than it says, in docker's words. */
function ineffective(flags: ContainerFlags, networkMode: string): readonly string[] {
  const isWithoutLimit = flags["oom-kill-disable"] && flags.memory === undefined;
  const isHost = networkMode === "host" && (flags.publish.length > 0 || flags["publish-all"]);
  return [
    ...(isHost ? ["Published ports are discarded when using host network mode"] : []),
    ...(isWithoutLimit
      ? [
          "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources",
        ]
      : []),
    ...(flags["kernel-memory"] === undefined
      ? []
      : ["Specifying a kernel memory limit is deprecated and has no effect: Linux 5.16 and newer have none"]),
  ];
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
  return {
    networks: hasOwn ? (networks.length === 0 ? ["bridge"] : networks) : [],
    aliases: flags["network-alias"],
    ...(flags.ip !== undefined && { ip: flags.ip }),
    ...(flags.ip6 !== undefined && { ip6: flags.ip6 }),
    ...(flags["mac-address"] !== undefined && { mac: flags["mac-address"] }),
  };
}
