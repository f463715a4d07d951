import type { NamespaceType } from "../../linux/namespaces.ts";
import type { MountPoint } from "../container/record.ts";
import type { ContainerStatus } from "../container/status.ts";
import type { Limits } from "./graph-model.ts";

/** What the kernel and the records tell of one container: all that its part of a graph is made of. */
export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly status: ContainerStatus;
  readonly pid: number;
  readonly namespaces: Namespaces;
  readonly root: { readonly driver: string; readonly source: string; readonly isWritable: boolean };
  readonly mounts: readonly Pick<MountPoint, "Type" | "Name" | "Source" | "Destination" | "RW">[];
  readonly cgroup: { readonly path: string; readonly limits: Limits };
  readonly networks: readonly NetworkFacts[];
  readonly ports: readonly string[];
  /** Undefined for a container of a directory. */
  readonly imageFacts?: ImageFacts;
}

/** Their inodes; empty where nothing runs. */
export type Namespaces = Readonly<Partial<Record<NamespaceType, number>>>;

export interface NetworkFacts {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly device: string;
  readonly subnets: readonly string[];
  /** What the container has there: its device and its addresses. */
  readonly attachment: readonly string[];
}

export interface ImageFacts {
  readonly id: string;
  readonly tags: readonly string[];
  /** The uppermost first. */
  readonly layers: readonly LayerFacts[];
}

export interface LayerFacts {
  readonly chainId: string;
  readonly diffId: string;
  readonly sizeBytes?: number;
}
