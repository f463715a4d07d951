import type { NamespaceType } from "../../linux/namespaces.ts";
import type { ContainerStatus } from "../container/status.ts";

/** Containers with all that belongs to them; what several share is one node with several edges. `graph --format json`. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Ids begin with the node's kind and are unique in a graph. */
export type GraphNode =
  | ContainerNode
  | NamespaceNode
  | MountNode
  | VolumeNode
  | CgroupNode
  | NetworkNode
  | ImageNode
  | LayerNode;

export type NodeId = `${string}:${string}`;

export interface ContainerNode {
  readonly kind: "container";
  readonly id: NodeId;
  readonly name: string;
  readonly containerId: string;
  /** As it was written. */
  readonly image: string;
  readonly status: ContainerStatus;
  /** On the host; 0 where it does not run. */
  readonly pid: number;
  /** Such as "0.0.0.0:8080 → 80/tcp". */
  readonly ports: readonly string[];
}

export interface NamespaceNode {
  readonly kind: "namespace";
  readonly id: NodeId;
  readonly type: NamespaceType;
  readonly inode: number;
  readonly isHost: boolean;
}

export interface MountNode {
  readonly kind: "mount";
  readonly id: NodeId;
  readonly destination: string;
  /** "bind", "volume", "tmpfs"; of the root filesystem the storage driver. */
  readonly type: string;
  /** A path of the host; empty where it has none. */
  readonly source: string;
  readonly isWritable: boolean;
}

export interface VolumeNode {
  readonly kind: "volume";
  readonly id: NodeId;
  readonly name: string;
  readonly source: string;
}

export interface CgroupNode {
  readonly kind: "cgroup";
  readonly id: NodeId;
  /** In every hierarchy. */
  readonly path: string;
  readonly limits: Limits;
}

/** What was set; a member is missing where nothing was. */
export interface Limits {
  readonly memoryBytes?: number;
  readonly memoryReservationBytes?: number;
  /** Memory and swap together; -1 without a limit. */
  readonly memorySwapBytes?: number;
  readonly cpus?: number;
  readonly cpuShares?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pids?: number;
  readonly blkioWeight?: number;
}

export interface NetworkNode {
  readonly kind: "network";
  readonly id: NodeId;
  readonly name: string;
  readonly driver: string;
  /** The bridge, or macvlan's parent; empty where it has none. */
  readonly device: string;
  readonly subnets: readonly string[];
}

export interface ImageNode {
  readonly kind: "image";
  readonly id: NodeId;
  readonly imageId: string;
  readonly tags: readonly string[];
}

export interface LayerNode {
  readonly kind: "layer";
  readonly id: NodeId;
  /** The digest of its uncompressed archive. */
  readonly diffId: string;
  /** By the sizes of its files; missing where it is not extracted. */
  readonly sizeBytes?: number;
}

/**
 * By the kind of what `to` is: a container is in a namespace and a cgroup, is on networks, and has an image and a root mount.
 * A mount has those inside it, and its volume; an image has its uppermost layer, and a layer the one below it.
 */
export interface GraphEdge {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly kind: Exclude<GraphNode["kind"], "container">;
  /** Of a network: the device and the addresses in the container. */
  readonly label?: string;
}
