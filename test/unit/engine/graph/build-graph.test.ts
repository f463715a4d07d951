import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGraph } from "../../../../src/engine/graph/build-graph.ts";
import { HOST, SHARED } from "./sample-facts.ts";

const { nodes, edges } = buildGraph(SHARED, HOST);
const [web, side] = SHARED.map(({ id }) => `container:${id}`);

test("buildGraph makes one node of what two containers share, with an edge from each", () => {
  for (const id of ["namespace:net:[107]", "volume:data", `layer:sha256:${"a".repeat(64)}`]) {
    assert.equal(nodes.filter((node) => node.id === id).length, 1, id);
    assert.equal(edges.filter(({ to }) => to === id).length, 2, id);
  }
  assert.deepEqual(
    edges.filter(({ to }) => to === "namespace:net:[107]").map(({ from }) => from),
    [web, side],
  );
});

test("buildGraph tells which namespaces are the host's", () => {
  const types = nodes.flatMap((node) => (node.kind === "namespace" && node.isHost ? [node.type] : []));
  assert.deepEqual(types.sort(), ["cgroup", "pid", "time", "user"]);
});

test("buildGraph hangs each mount below the one that it is in, and the uppermost layer on the image", () => {
  const parentOf = (to: string) => edges.find((edge) => edge.to === to)?.from;
  const mount = (path: string) => `mount:${SHARED[0]?.id}:${path}`;
  assert.deepEqual(
    ["/", "/data", "/data/pages", "/data-cache"].map((path) => parentOf(mount(path))),
    [web, mount("/"), mount("/data"), mount("/")],
  );
  const layer = (digit: string) => `layer:sha256:${digit.repeat(64)}`;
  assert.deepEqual([layer("c"), layer("b")].map(parentOf), [`image:sha256:${"2".repeat(64)}`, layer("c")]);
});

test("buildGraph gives each node an id of its own, and no edge without both of its nodes", () => {
  const ids = new Set<string>(nodes.map(({ id }) => id));
  assert.equal(ids.size, nodes.length);
  for (const { from, to } of edges) assert.ok(ids.has(from) && ids.has(to), `${from} → ${to}`);
});
