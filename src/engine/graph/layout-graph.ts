import { type CardRow, cardRows } from "./card-rows.ts";
import { boxHeight, boxWidth, drawBox, type PlacedBox, rowMiddle, SPACE } from "./draw-box.ts";
import type { Graph, GraphNode, NodeId } from "./graph-model.ts";
import { type GraphView, groupBy, isShared, nodesOf, viewOf } from "./graph-view.ts";
import { layoutLayers } from "./layout-layers.ts";
import { nodeTexts } from "./node-texts.ts";
import type { Picture, PictureLine, Point } from "./picture.ts";
import { placeColumn } from "./place-column.ts";

/** Pixels around all of it, and between two columns. */
const MARGIN = 24;
const GAP = 88;

/** How many characters a line has in each of the columns, from left to right. */
const COLUMNS = { shared: 26, containers: 56, others: 36, layers: 22 } as const;

type ColumnName = keyof typeof COLUMNS;

/** What has no container. */
const EMPTY: CardRow = { text: "no containers", style: "heading", indent: 0 };

/**
 * Places a graph: on the left of the containers the namespaces that are not one's own, on the right networks, volumes and
 * images, and on the right of these the images' layers; each beside what leads to it. Pure, and the same for the same graph.
 */
export function layoutGraph(graph: Graph): Picture {
  const view = viewOf(graph);
  const besides = {
    shared: nodesOf(graph, "namespace").filter(({ id }) => isShared(view, id)),
    others: [...nodesOf(graph, "network"), ...nodesOf(graph, "volume"), ...nodesOf(graph, "image")],
  };
  const xs = columnEdges({
    shared: besides.shared.length > 0,
    containers: true,
    others: besides.others.length > 0,
    layers: nodesOf(graph, "layer").length > 0,
  });
  const { cards, links } = containerCards(view, xs.containers);
  const boxes = [
    ...cards,
    ...besideCards(besides.shared, { links, columns: COLUMNS.shared, x: xs.shared }),
    ...besideCards(besides.others, { links, columns: COLUMNS.others, x: xs.others }),
  ];
  const layers = layoutLayers(view, boxes, { x: xs.layers, y: MARGIN, columns: COLUMNS.layers });
  const all = [...boxes, ...layers.boxes];
  return {
    width: xs.end,
    height: Math.max(...all.map(({ y, height }) => y + height)) + MARGIN,
    description: describe(graph),
    boxes: all.map(({ id: _, ...box }) => box),
    lines: [...linkLines(links, boxes), ...layers.lines],
  };
}

/** The left edge of each column that is not empty, and the right edge of the whole. */
function columnEdges(isThere: Readonly<Record<ColumnName, boolean>>): Readonly<Record<ColumnName | "end", number>> {
  let end = MARGIN;
  const edge = (name: ColumnName) => {
    const x = end;
    if (isThere[name]) end += boxWidth(COLUMNS[name]) + GAP;
    return x;
  };
  // Their order is that of the columns.
  const edges = {
    shared: edge("shared"),
    containers: edge("containers"),
    others: edge("others"),
    layers: edge("layers"),
  };
  return { ...edges, end: end - GAP + MARGIN };
}

/** From a row of a container's box to another node. */
interface Link {
  readonly card: PlacedBox;
  readonly y: number;
  readonly to: NodeId;
}

function containerCards(view: GraphView, x: number) {
  const cards: PlacedBox[] = [];
  const links: Link[] = [];
  let y = MARGIN;
  for (const node of nodesOf(view.graph, "container")) {
    const rows = cardRows(view, node);
    const card = drawBox({ id: node.id, kind: "container", rows, columns: COLUMNS.containers, x, y });
    rows.forEach(({ link }, index) => {
      if (link !== undefined) links.push({ card, y: y + rowMiddle(index), to: link });
    });
    cards.push(card);
    y += card.height + 2 * SPACE;
  }
  if (cards.length > 0) return { cards, links };
  const empty = { id: "container:" as const, kind: "container" as const, rows: [EMPTY], columns: COLUMNS.containers };
  return { cards: [drawBox({ ...empty, x, y })], links };
}

interface Beside {
  readonly links: readonly Link[];
  readonly columns: number;
  readonly x: number;
}

function besideCards(nodes: readonly GraphNode[], { links, columns, x }: Beside): readonly PlacedBox[] {
  const ends = groupBy(links, ({ to }) => to);
  const wishes = nodes.map((node) => {
    const ys = (ends.get(node.id) ?? []).map(({ y }) => y);
    return {
      height: boxHeight(nodeTexts(node).length),
      middle: ys.reduce((sum, y) => sum + y, 0) / Math.max(1, ys.length),
    };
  });
  const edges = placeColumn(wishes, MARGIN, SPACE);
  return nodes.map((node, index) => {
    const rows = nodeRows(node);
    return drawBox({ id: node.id, kind: node.kind, rows, columns, x, y: edges[index] ?? MARGIN });
  });
}

function nodeRows(node: GraphNode): readonly CardRow[] {
  return nodeTexts(node).map((text, index) => ({ text, style: index === 0 ? "title" : "plain", indent: 0 }));
}

function linkLines(links: readonly Link[], boxes: readonly PlacedBox[]): readonly PictureLine[] {
  const places = new Map(boxes.map((box) => [box.id, box]));
  return links.flatMap(({ card, y, to }) => {
    const box = places.get(to);
    if (box === undefined) return [];
    const middle = box.y + box.height / 2;
    const [from, end]: readonly [Point, Point] =
      box.x < card.x
        ? [
            { x: card.x, y },
            { x: box.x + box.width, y: middle },
          ]
        : [
            { x: card.x + card.width, y },
            { x: box.x, y: middle },
          ];
    return [{ kind: box.kind, from, to: end, shape: "across" as const }];
  });
}

function describe(graph: Graph): string {
  const names = nodesOf(graph, "container").map(({ name }) => name);
  return names.length === 0 ? "No containers" : `Containers and what they share: ${names.join(", ")}`;
}
