import { assertNever } from "../../base/assert.ts";
import { NAMESPACES } from "../../linux/namespaces.ts";
import { humanBinarySize, humanSize } from "../base/human-size.ts";
import { shortId } from "../base/object-id.ts";
import type { GraphNode, Limits, MountNode } from "./graph-model.ts";

/** What a picture says of a node, a line each, the first its title. As it is: hostile text is the renderer's to escape. Pure. */
export function nodeTexts(node: GraphNode): readonly string[] {
  switch (node.kind) {
    case "container":
      return [
        node.name,
        `${shortId(node.containerId)} ${node.status}${node.pid === 0 ? "" : ` pid ${node.pid}`}`,
        `image ${node.image}`,
      ];
    case "namespace":
      return [
        `${node.type} namespace`,
        `${NAMESPACES[node.type].procFile}:[${node.inode}]`,
        ...(node.isHost ? ["the host's"] : []),
      ];
    case "mount":
      return [`${node.destination} ← ${mountSource(node)} ${node.isWritable ? "rw" : "ro"}`];
    case "volume":
      return [`volume ${node.name}`, node.source];
    case "cgroup":
      return [node.path, ...limitTexts(node.limits)];
    case "network":
      return [`network ${node.name}`, `${node.driver} ${node.device}`.trimEnd(), ...node.subnets];
    case "image":
      return [node.tags[0] ?? "<none>", ...node.tags.slice(1), shortId(node.imageId)];
    case "layer":
      return [`${shortId(node.diffId)}${node.sizeBytes === undefined ? "" : ` ${humanSize(node.sizeBytes)}`}`];
    default:
      return assertNever(node);
  }
}

/** Of binds and volumes the source tells enough; a root filesystem has both. */
function mountSource({ type, source }: MountNode): string {
  return type === "bind" || type === "volume" ? source : `${type} ${source}`.trimEnd();
}

/** The limits that were set, a line each. */
export function limitTexts(limits: Limits): readonly string[] {
  const bytes = (name: string, value: number | undefined) =>
    value === undefined ? [] : [`${name} ${value === -1 ? "unlimited" : humanBinarySize(value)}`];
  const plain = (name: string, value: number | string | undefined) => (value === undefined ? [] : [`${name} ${value}`]);
  return [
    ...bytes("memory", limits.memoryBytes),
    ...bytes("memory and swap", limits.memorySwapBytes),
    ...bytes("memory reservation", limits.memoryReservationBytes),
    ...plain("cpus", limits.cpus),
    ...plain("cpu shares", limits.cpuShares),
    ...plain("cpuset", limits.cpusetCpus),
    ...plain("memory nodes", limits.cpusetMems),
    ...plain("pids", limits.pids),
    ...plain("block io weight", limits.blkioWeight),
  ];
}
