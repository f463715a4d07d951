import { NAMESPACES, type NamespaceType } from "../../linux/namespaces.ts";
import type { ContainerFacts, ImageFacts, Namespaces } from "./container-facts.ts";
import type { Graph, GraphEdge, GraphNode, NodeId } from "./graph-model.ts";
import { mountTree } from "./mount-tree.ts";

/** Makes the graph of containers, in their order. `host` has the namespaces of the host. Pure. */
export function buildGraph(containers: readonly ContainerFacts[], host: Namespaces): Graph {
  const parts = containers.flatMap((facts) => [
    containerPart(facts),
    namespacePart(facts, host),
    mountPart(facts),
    volumePart(facts),
    cgroupPart(facts),
    networkPart(facts),
    imagePart(facts),
  ]);
  const nodes = new Map<NodeId, GraphNode>();
  // The first one that tells of a node is the one that is kept.
  for (const node of parts.flatMap((part) => part.nodes)) if (!nodes.has(node.id)) nodes.set(node.id, node);
  const edges = new Map<string, GraphEdge>();
  for (const edge of parts.flatMap((part) => part.edges)) edges.set(`${edge.from}\0${edge.to}`, edge);
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function containerPart({ id, name, image, status, pid, ports }: ContainerFacts): Graph {
  return {
    nodes: [{ kind: "container", id: containerNode(id), name, containerId: id, image, status, pid, ports }],
    edges: [],
  };
}

function containerNode(id: string): NodeId {
  return `container:${id}`;
}

function namespacePart({ id, namespaces }: ContainerFacts, host: Namespaces): Graph {
  // The table's members are all of its type's.
  const types = Object.keys(NAMESPACES) as NamespaceType[];
  const nodes = types.flatMap((type) => {
    const inode = namespaces[type];
    if (inode === undefined) return [];
    const node: NodeId = `namespace:${NAMESPACES[type].procFile}:[${inode}]`;
    return [{ kind: "namespace" as const, id: node, type, inode, isHost: host[type] === inode }];
  });
  return { nodes, edges: nodes.map((node) => ({ from: containerNode(id), to: node.id, kind: "namespace" })) };
}

function mountPart({ id, root, mounts }: ContainerFacts): Graph {
  const rootMount = { Type: root.driver, Source: root.source, Destination: "/", RW: root.isWritable };
  const nodes = [rootMount, ...mounts].map(({ Type, Source, Destination, RW }) => ({
    kind: "mount" as const,
    id: mountNode(id, Destination),
    destination: Destination,
    type: Type,
    source: Source,
    isWritable: RW,
  }));
  const edges = mountTree(nodes.map(({ destination }) => destination)).map(({ path, parent }) => ({
    from: parent === undefined ? containerNode(id) : mountNode(id, parent),
    to: mountNode(id, path),
    kind: "mount" as const,
  }));
  return { nodes, edges };
}

function mountNode(id: string, destination: string): NodeId {
  return `mount:${id}:${destination}`;
}

function volumePart({ id, mounts }: ContainerFacts): Graph {
  const volumes = mounts.flatMap(({ Name, ...mount }) => (Name === undefined ? [] : [{ Name, ...mount }]));
  return {
    nodes: volumes.map(({ Name, Source }) => ({ kind: "volume", id: `volume:${Name}`, name: Name, source: Source })),
    edges: volumes.map(({ Name, Destination }) => ({
      from: mountNode(id, Destination),
      to: `volume:${Name}`,
      kind: "volume",
    })),
  };
}

function cgroupPart({ id, cgroup }: ContainerFacts): Graph {
  const node: NodeId = `cgroup:${cgroup.path}`;
  return {
    nodes: [{ kind: "cgroup", id: node, ...cgroup }],
    edges: [{ from: containerNode(id), to: node, kind: "cgroup" }],
  };
}

function networkPart({ id, networks }: ContainerFacts): Graph {
  return {
    nodes: networks.map(({ attachment: _, id: networkId, ...network }) => ({
      kind: "network",
      id: `network:${networkId}`,
      ...network,
    })),
    edges: networks.map(({ id: networkId, attachment }) => ({
      from: containerNode(id),
      to: `network:${networkId}`,
      kind: "network",
      label: attachment.join(" "),
    })),
  };
}

function imagePart({ id, imageFacts }: ContainerFacts): Graph {
  if (imageFacts === undefined) return { nodes: [], edges: [] };
  const image: NodeId = `image:${imageFacts.id}`;
  const layers = imageFacts.layers.map(layerNode);
  const chain = [image, ...layers.map((layer) => layer.id)];
  return {
    nodes: [{ kind: "image", id: image, imageId: imageFacts.id, tags: imageFacts.tags }, ...layers],
    edges: [
      { from: containerNode(id), to: image, kind: "image" },
      ...layers.map(({ id: to }, index) => ({ from: chain[index] ?? image, to, kind: "layer" as const })),
    ],
  };
}

function layerNode({ chainId, diffId, sizeBytes }: ImageFacts["layers"][number]) {
  const size = sizeBytes === undefined ? {} : { sizeBytes };
  return { kind: "layer" as const, id: `layer:${chainId}` as const, diffId, ...size };
}
