import { NAMESPACES } from "../../linux/namespaces.ts";
import type { ContainerNode, NodeId } from "./graph-model.ts";
import { type GraphView, isShared, linkedNodes } from "./graph-view.ts";
import { nodeTexts } from "./node-texts.ts";

/** A line in the box of a container. */
export interface CardRow {
  readonly text: string;
  readonly style: "title" | "heading" | "plain";
  /** How far it is indented, in columns. */
  readonly indent: number;
  /** The node outside of the box to which a line is drawn from here. */
  readonly link?: NodeId;
}

/** What is in the box of a container: also those namespaces, mounts and the cgroup that are its own. Pure. */
export function cardRows(view: GraphView, container: ContainerNode): readonly CardRow[] {
  const [name = "", about = "", image = ""] = nodeTexts(container);
  return [
    { text: name, style: "title", indent: 0 },
    plain(about, 0),
    plain(image, 0, linkedNodes(view, container.id, "image")[0]?.node.id),
    ...section("namespaces", namespaceRows(view, container)),
    ...section("cgroup", cgroupRows(view, container)),
    ...section("networks", networkRows(view, container)),
    ...section("mounts", mountRows(view, container.id, 1)),
  ];
}

function plain(text: string, indent: number, link?: NodeId): CardRow {
  return { text, style: "plain", indent, ...(link !== undefined && { link }) };
}

function section(text: string, rows: readonly CardRow[]): readonly CardRow[] {
  return rows.length === 0 ? [] : [{ text, style: "heading", indent: 0 }, ...rows];
}

function namespaceRows(view: GraphView, { id }: ContainerNode): readonly CardRow[] {
  return linkedNodes(view, id, "namespace").map(({ node }) =>
    plain(
      `${node.type.padEnd(8)}${NAMESPACES[node.type].procFile}:[${node.inode}]`,
      1,
      isShared(view, node.id) ? node.id : undefined,
    ),
  );
}

function cgroupRows(view: GraphView, { id }: ContainerNode): readonly CardRow[] {
  return linkedNodes(view, id, "cgroup").flatMap(({ node }) =>
    nodeTexts(node).map((text, index) => plain(text, index === 0 ? 1 : 2)),
  );
}

function networkRows(view: GraphView, { id, ports }: ContainerNode): readonly CardRow[] {
  return [
    ...linkedNodes(view, id, "network").map(({ node, label }) => plain(`${node.name} ${label}`.trimEnd(), 1, node.id)),
    ...ports.map((port) => plain(port, 2)),
  ];
}

function mountRows(view: GraphView, above: NodeId, indent: number): readonly CardRow[] {
  return linkedNodes(view, above, "mount").flatMap(({ node }) => {
    const [volume] = linkedNodes(view, node.id, "volume");
    const [text = ""] = nodeTexts(volume === undefined ? node : { ...node, source: `volume ${volume.node.name}` });
    return [plain(text, indent, volume?.node.id), ...mountRows(view, node.id, indent + 1)];
  });
}
