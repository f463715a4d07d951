import type { Graph, GraphEdge, GraphNode, NodeId } from "./graph-model.ts";
import { nodeTexts } from "./node-texts.ts";
import { pictureText } from "./picture-text.ts";

/** The graph in Graphviz' language, for "dot -Tsvg" and the like. Pure. Source: graphviz.org/doc/info/lang.html. */
export function renderDot({ nodes, edges }: Graph): string {
  // What containers are called stays out of the names: two of them could be the same once they are escaped.
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  return `digraph containers {
  rankdir=LR;
  node [shape=box, fontname=monospace];
  edge [fontname=monospace];
${nodes.map((node) => nodeLine(node, names)).join("")}${edges.map((edge) => edgeLine(edge, names)).join("")}}
`;
}

type Names = ReadonlyMap<NodeId, string>;

function nodeLine(node: GraphNode, names: Names): string {
  const ports = node.kind === "container" ? node.ports : [];
  const label = quoteLines([...nodeTexts(node), ...ports]);
  return `  ${names.get(node.id)} [class=${node.kind}, label=${label}, shape=${SHAPES[node.kind]}];\n`;
}

function edgeLine({ from, to, kind, label = "" }: GraphEdge, names: Names): string {
  const shown = label === "" ? "" : `, label=${quoteLines([label])}`;
  return `  ${names.get(from)} -> ${names.get(to)} [class=${kind}${shown}];\n`;
}

const SHAPES: Readonly<Record<GraphNode["kind"], string>> = {
  container: "component",
  namespace: "ellipse",
  mount: "note",
  volume: "cylinder",
  cgroup: "box",
  network: "hexagon",
  image: "folder",
  layer: "box",
};

/** A backslash begins an escape there, such as the newline that separates the lines, and "&" an entity. */
function quoteLines(lines: readonly string[]): string {
  return `"${lines.map(escapeLabel).join("\\n")}"`;
}

function escapeLabel(text: string): string {
  return pictureText(text).replace(/["\\]/g, "\\$&").replaceAll("&", "&amp;");
}
