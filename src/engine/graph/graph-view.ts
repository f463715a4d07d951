import type { Graph, GraphEdge, GraphNode, NodeId } from "./graph-model.ts";

/** A graph in which nodes and edges are found without looking through all of them. */
export interface GraphView {
  readonly graph: Graph;
  readonly nodes: ReadonlyMap<NodeId, GraphNode>;
  readonly edgesFrom: ReadonlyMap<NodeId, readonly GraphEdge[]>;
  readonly edgesTo: ReadonlyMap<NodeId, readonly GraphEdge[]>;
}

export function viewOf(graph: Graph): GraphView {
  return {
    graph,
    nodes: new Map(graph.nodes.map((node) => [node.id, node])),
    edgesFrom: groupBy(graph.edges, ({ from }) => from),
    edgesTo: groupBy(graph.edges, ({ to }) => to),
  };
}

export interface Linked<K extends GraphEdge["kind"]> {
  readonly node: Extract<GraphNode, { kind: K }>;
  readonly label: string;
}

/** The nodes of one kind that a node has edges to, in the order of the edges. */
export function linkedNodes<K extends GraphEdge["kind"]>(
  { nodes, edgesFrom }: GraphView,
  from: NodeId,
  kind: K,
): readonly Linked<K>[] {
  return (edgesFrom.get(from) ?? []).flatMap(({ to, label = "" }) => {
    const node = nodes.get(to);
    return node !== undefined && isOf(node, kind) ? [{ node, label }] : [];
  });
}

/** The nodes of one kind, in their order. */
export function nodesOf<K extends GraphNode["kind"]>(
  { nodes }: Graph,
  kind: K,
): readonly Extract<GraphNode, { kind: K }>[] {
  return nodes.filter((node) => isOf(node, kind));
}

function isOf<K extends GraphNode["kind"]>(node: GraphNode, kind: K): node is Extract<GraphNode, { kind: K }> {
  return node.kind === kind;
}

/** Whether a namespace is more than one container's own. */
export function isShared({ nodes, edgesTo }: GraphView, id: NodeId): boolean {
  const node = nodes.get(id);
  return (node?.kind === "namespace" && node.isHost) || (edgesTo.get(id)?.length ?? 0) > 1;
}

/** The items by a key of each, in their order. */
export function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
