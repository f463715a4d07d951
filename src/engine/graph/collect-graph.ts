import { NAMESPACES, type NamespaceType } from "../../linux/namespaces.ts";
import { readLink } from "../../sys/files.ts";
import { unlessMissing } from "../../sys/unless-missing.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import type { EnginePaths } from "../base/paths.ts";
import { PERIOD } from "../config-builder/resources.ts";
import { containerCgroup } from "../container/container-cgroup.ts";
import type { HostConfig } from "../container/container-config.ts";
import type { EngineContext } from "../container/engine-context.ts";
import { publishedPorts } from "../container/published-ports.ts";
import type { ContainerRecord } from "../container/record.ts";
import { currentStatus } from "../container/recover.ts";
import type { ImageId } from "../image/image.ts";
import { readIndex } from "../image/image-index.ts";
import { readImage } from "../image/resolve-image.ts";
import { describeSandbox } from "../network/index.ts";
import { findNetwork } from "../network/network-store.ts";
import type { Endpoint } from "../network/types.ts";
import { chainIds, readLayerRecord } from "../storage/layer-record.ts";
import { readMountRecord } from "../storage/mount-record.ts";
import { describeRootfs } from "../storage/rootfs-store.ts";
import { buildGraph } from "./build-graph.ts";
import type { ContainerFacts, ImageFacts, Namespaces, NetworkFacts } from "./container-facts.ts";
import type { Graph, Limits } from "./graph-model.ts";

/** Asks the kernel and the records about containers; one that is removed meanwhile is left out. Throws EngineError, SystemError. */
export async function collectGraph(context: EngineContext, records: readonly ContainerRecord[]): Promise<Graph> {
  const facts: ContainerFacts[] = [];
  for (const record of records) {
    if (readMountRecord(context.paths, record.id) !== undefined) facts.push(await factsOf(context, record));
  }
  return buildGraph(facts, hostNamespaces());
}

async function factsOf(context: EngineContext, known: ContainerRecord): Promise<ContainerFacts> {
  const { paths } = context;
  const { record, live } = await currentStatus(context, known);
  const { id, name, config, hostConfig, mounts, imageId, rootfs } = record;
  const { driver, merged } = await describeRootfs(paths, id);
  return {
    id,
    name,
    image: rootfs ?? config.Image,
    status: live.status,
    pid: live.pid,
    namespaces: live.pid === 0 ? {} : namespacesOf(live.pid),
    root: { driver, source: merged, isWritable: !hostConfig.ReadonlyRootfs },
    mounts,
    cgroup: { path: containerCgroup(record), limits: limitsOf(hostConfig) },
    networks: await networksOf(paths, record),
    ports: (await publishedPorts(paths, record)).map(({ address, port }) => `${address} → ${port}`),
    ...(imageId !== undefined && { imageFacts: imageFacts(paths, imageId) }),
  };
}

/** mydocker is in all of the host's, but for the two that it makes for an ordinary user. */
function hostNamespaces(): Namespaces {
  const own = namespacesOf("self");
  const { user: _user, mount: _mount, ...others } = own;
  return isInUserNamespace() ? others : own;
}

/** Those of a process; none where it has ended meanwhile. Source: namespaces(7). */
function namespacesOf(process: number | "self"): Namespaces {
  const found = Object.entries(NAMESPACES).flatMap(([type, { procFile }]) => {
    const link = unlessMissing(() => readLink(`/proc/${process}/ns/${procFile}`));
    const inode = /:\[([0-9]+)\]$/.exec(link ?? "")?.[1];
    // The table's members are all of its type's.
    return inode === undefined ? [] : [[type as NamespaceType, Number(inode)] as const];
  });
  return Object.fromEntries(found);
}

/** Source: the meanings of "nothing" in HostConfig. */
function limitsOf(hostConfig: HostConfig): Limits {
  const { Memory, MemoryReservation, MemorySwap, NanoCpus, CpuPeriod, CpuQuota, CpuShares } = hostConfig;
  const { CpusetCpus, CpusetMems, PidsLimit, BlkioWeight } = hostConfig;
  const cpus = NanoCpus > 0 ? NanoCpus / 1e9 : CpuQuota > 0 ? CpuQuota / (CpuPeriod || PERIOD) : 0;
  return {
    ...(Memory > 0 && { memoryBytes: Memory }),
    ...(MemorySwap !== 0 && { memorySwapBytes: MemorySwap }),
    ...(MemoryReservation > 0 && { memoryReservationBytes: MemoryReservation }),
    ...(cpus > 0 && { cpus }),
    ...(CpuShares > 0 && { cpuShares: CpuShares }),
    ...(CpusetCpus !== "" && { cpusetCpus: CpusetCpus }),
    ...(CpusetMems !== "" && { cpusetMems: CpusetMems }),
    ...(PidsLimit > 0 && { pids: PidsLimit }),
    ...(BlkioWeight > 0 && { blkioWeight: BlkioWeight }),
  };
}

async function networksOf(paths: EnginePaths, { id }: ContainerRecord): Promise<readonly NetworkFacts[]> {
  const sandbox = await describeSandbox(paths, id);
  return (sandbox?.endpoints ?? []).map((endpoint) => networkFacts(paths, endpoint));
}

function networkFacts(paths: EnginePaths, endpoint: Endpoint): NetworkFacts {
  const { networkId, network, driver, device, address, address6 } = endpoint;
  const record = findNetwork(paths, networkId);
  return {
    id: networkId,
    name: network,
    driver,
    device: record?.device ?? "",
    subnets: (record?.subnets ?? []).map(({ subnet }) => subnet),
    attachment: [device, address, address6].filter((one) => one !== undefined),
  };
}

function imageFacts(paths: EnginePaths, imageId: ImageId): ImageFacts {
  const { id, repoTags, config } = readImage(paths, readIndex(paths), imageId);
  const diffIds = config.rootfs.diff_ids;
  const layers = chainIds(diffIds).map((chainId, index) => {
    const sizeBytes = readLayerRecord(paths, chainId)?.sizeBytes;
    return { chainId, diffId: diffIds[index] ?? chainId, ...(sizeBytes !== undefined && { sizeBytes }) };
  });
  return { id, tags: repoTags, layers: layers.reverse() };
}
