import type { CardRow } from "./card-rows.ts";
import type { GraphNode, NodeId } from "./graph-model.ts";
import type { PictureBox, PictureText } from "./picture.ts";
import { pictureText, shortened } from "./picture-text.ts";

/** In pixels. What a font of fixed width takes for a column is 0.6 of its size, in all usual ones. */
export const FONT = { size: 12, column: 7.2, row: 18 } as const;

const PADDING = 10;

/** Between two boxes of a column, in pixels. */
export const SPACE = 14;

export interface BoxRequest {
  readonly id: NodeId;
  readonly kind: GraphNode["kind"];
  readonly rows: readonly CardRow[];
  /** How many columns of text fit. */
  readonly columns: number;
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends PictureBox {
  readonly id: NodeId;
}

export function drawBox({ id, kind, rows, columns, x, y }: BoxRequest): PlacedBox {
  return {
    id,
    kind,
    x,
    y,
    width: boxWidth(columns),
    height: boxHeight(rows.length),
    texts: rows.map((row, index) => drawText(row, columns, { x, y: y + rowMiddle(index) + 4 })),
  };
}

export function boxWidth(columns: number): number {
  return Math.ceil(columns * FONT.column) + 2 * PADDING;
}

export function boxHeight(rowCount: number): number {
  return rowCount * FONT.row + PADDING;
}

/** How far below the top of its box the middle of a row is. */
export function rowMiddle(index: number): number {
  return PADDING / 2 + (index + 0.5) * FONT.row;
}

function drawText({ text, style, indent }: CardRow, columns: number, at: { x: number; y: number }): PictureText {
  // What is deep in a tree is still indented less than half of the box.
  const left = Math.min(indent * 2, Math.floor(columns / 2));
  const full = pictureText(text);
  const short = shortened(full, columns - left);
  return {
    x: Math.round(at.x + PADDING + left * FONT.column),
    y: at.y,
    text: short,
    ...(short !== full && { full }),
    style,
  };
}
