import type { GraphNode } from "./graph-model.ts";

/** Where everything of a picture is; in pixels, from its upper left corner. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly description: string;
  readonly boxes: readonly PictureBox[];
  readonly lines: readonly PictureLine[];
}

export interface PictureBox {
  readonly kind: GraphNode["kind"];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly texts: readonly PictureText[];
}

export interface PictureText {
  readonly x: number;
  /** Of the line that it stands on. */
  readonly y: number;
  readonly text: string;
  /** The whole of a text that is shortened. */
  readonly full?: string;
  readonly style: "title" | "heading" | "plain";
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A curve: it leaves and arrives horizontally, or straight down, or on the same side. */
export interface PictureLine {
  readonly kind: GraphNode["kind"];
  readonly from: Point;
  readonly to: Point;
  readonly shape: "across" | "down" | "around";
}
