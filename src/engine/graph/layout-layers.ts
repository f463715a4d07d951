import { drawBox, type PlacedBox, SPACE } from "./draw-box.ts";
import type { LayerNode, NodeId } from "./graph-model.ts";
import { type GraphView, linkedNodes } from "./graph-view.ts";
import { nodeTexts } from "./node-texts.ts";
import type { PictureLine } from "./picture.ts";

export interface LayerColumn {
  readonly x: number;
  /** The upper edge. */
  readonly y: number;
  readonly columns: number;
}

/**
 * Places the layers of images below each other, those of the upper image first, each image's uppermost one first, and one
 * that several images have once. Gives also the lines to them. Pure.
 */
export function layoutLayers(view: GraphView, images: readonly PlacedBox[], column: LayerColumn) {
  const boxes = placeLayers(view, images, column);
  const places = new Map([...images, ...boxes].map((box) => [box.id, box]));
  const lines = view.graph.edges.flatMap(({ from, to, kind }) => {
    const [above, below] = [places.get(from), places.get(to)];
    return kind === "layer" && above !== undefined && below !== undefined ? [layerLine(above, below)] : [];
  });
  return { boxes, lines };
}

function placeLayers(
  view: GraphView,
  images: readonly PlacedBox[],
  { x, y, columns }: LayerColumn,
): readonly PlacedBox[] {
  const boxes = new Map<NodeId, PlacedBox>();
  let free = y;
  for (const image of images.filter(({ kind }) => kind === "image").sort((a, b) => a.y - b.y)) {
    free = Math.max(free, image.y);
    for (const node of chainOf(view, image.id)) {
      if (boxes.has(node.id)) break;
      const rows = nodeTexts(node).map((text) => ({ text, style: "plain" as const, indent: 0 }));
      const box = drawBox({ id: node.id, kind: "layer", rows, columns, x, y: free });
      boxes.set(node.id, box);
      free += box.height + SPACE;
    }
  }
  return [...boxes.values()];
}

/** The layers of an image, the uppermost first. */
function chainOf(view: GraphView, image: NodeId): readonly LayerNode[] {
  const chain: LayerNode[] = [];
  for (let [next] = linkedNodes(view, image, "layer"); next !== undefined; ) {
    chain.push(next.node);
    [next] = linkedNodes(view, next.node.id, "layer");
  }
  return chain;
}

function layerLine(from: PlacedBox, to: PlacedBox): PictureLine {
  const middle = (box: PlacedBox) => box.y + box.height / 2;
  if (from.kind === "image")
    return {
      kind: "layer",
      from: { x: from.x + from.width, y: middle(from) },
      to: { x: to.x, y: middle(to) },
      shape: "across",
    };
  const isNext = to.y === from.y + from.height + SPACE;
  const center = (box: PlacedBox) => box.x + box.width / 2;
  if (isNext)
    return {
      kind: "layer",
      from: { x: center(from), y: from.y + from.height },
      to: { x: center(to), y: to.y },
      shape: "down",
    };
  return {
    kind: "layer",
    from: { x: from.x + from.width, y: middle(from) },
    to: { x: to.x + to.width, y: middle(to) },
    shape: "around",
  };
}
