import { FONT } from "./draw-box.ts";
import type { Picture, PictureBox, PictureLine, PictureText } from "./picture.ts";
import { pictureText } from "./picture-text.ts";

/** An SVG that needs nothing else: no script, no font, no address. Its colours follow the reader's light or dark. Pure. */
export function renderSvg(picture: Picture): string {
  const { width, height, boxes, lines } = picture;
  const description = escapeXml(pictureText(picture.description));
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" xml:space="preserve">
<title>${description}</title>
<style>${STYLE}</style>
<rect class="page" width="${width}" height="${height}"/>
${lines.map(lineElement).join("")}${boxes.map(boxElement).join("")}</svg>
`;
}

function boxElement({ kind, x, y, width, height, texts }: PictureBox): string {
  return `<g class="${kind}">
<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/>
${texts.map(textElement).join("")}</g>
`;
}

function textElement({ x, y, text, full, style }: PictureText): string {
  const title = full === undefined ? "" : `<title>${escapeXml(full)}</title>`;
  return `<text class="${style}" x="${x}" y="${y}">${title}${escapeXml(text)}</text>\n`;
}

function lineElement({ kind, from, to, shape }: PictureLine): string {
  return `<path class="line ${kind}" d="M${from.x} ${from.y}${BENDS[shape](from, to)} ${to.x} ${to.y}"/>\n`;
}

/** The part between the two ends. Source: SVG 2, path data. */
const BENDS: Readonly<Record<PictureLine["shape"], (from: PictureLine["from"], to: PictureLine["to"]) => string>> = {
  across: (from, to) => {
    const middle = (from.x + to.x) / 2;
    return `C${middle} ${from.y} ${middle} ${to.y}`;
  },
  down: () => "L",
  around: (from, to) => `C${from.x + 20} ${from.y} ${to.x + 20} ${to.y}`,
};

/** For text and for values in double quotes; what XML cannot have at all, pictureText has made visible. Source: XML 1.0, 2.4. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Twice: for light and for dark. Which part has which colour is in COLOURS. */
function colours(scheme: "light" | "dark"): string {
  const { page, text, faint } = PAPER[scheme];
  const kinds = Object.entries(COLOURS).map(
    ([
      kind,
      {
        [scheme]: [line, fill],
      },
    ]) => `.${kind}{stroke:${line}} .${kind} .box{fill:${fill}}`,
  );
  return `.page{fill:${page}} text{fill:${text}} .heading{fill:${faint}} ${kinds.join(" ")}`;
}

const PAPER = {
  light: { page: "#ffffff", text: "#1b1f24", faint: "#57606a" },
  dark: { page: "#0d1117", text: "#e6edf3", faint: "#8b949e" },
} as const;

/** Lines and borders, and what boxes are filled with. */
const COLOURS = {
  container: { light: ["#57606a", "#f6f8fa"], dark: ["#8b949e", "#161b22"] },
  namespace: { light: ["#8250df", "#fbefff"], dark: ["#a371f7", "#1f1733"] },
  network: { light: ["#0969da", "#ddf4ff"], dark: ["#58a6ff", "#0c2038"] },
  volume: { light: ["#1a7f37", "#dafbe1"], dark: ["#3fb950", "#0d2616"] },
  image: { light: ["#9a6700", "#fff8c5"], dark: ["#d29922", "#2a1f08"] },
  layer: { light: ["#9a6700", "#fffdf0"], dark: ["#d29922", "#1c160a"] },
} as const;

const STYLE = `:root{color-scheme:light dark} text{font:${FONT.size}px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;stroke:none;white-space:pre} .title{font-weight:bold} .line{fill:none;stroke-width:1.5} .box{stroke-width:1}
${colours("light")}
@media (prefers-color-scheme:dark){${colours("dark")}}`;
