import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGraph } from "../../../../src/engine/graph/build-graph.ts";
import { layoutGraph } from "../../../../src/engine/graph/layout-graph.ts";
import { textColumns } from "../../../../src/engine/graph/picture-text.ts";
import { placeColumn } from "../../../../src/engine/graph/place-column.ts";
import { HOST, HOSTILE, SHARED } from "./sample-facts.ts";

const many = Array.from({ length: 40 }, (_, index) => ({
  ...(SHARED[index % 2] ?? assert.fail()),
  id: String(index).padStart(64, "0"),
}));

for (const [name, containers] of Object.entries({ shared: SHARED, hostile: HOSTILE, many, empty: [] })) {
  test(`layoutGraph keeps the boxes of ${name} apart, and all texts inside of their boxes`, () => {
    const { width, height, boxes } = layoutGraph(buildGraph(containers, HOST));
    for (const [index, box] of boxes.entries()) {
      const [right, bottom] = [box.x + box.width, box.y + box.height];
      assert.ok(box.x >= 0 && box.y >= 0 && right <= width && bottom <= height);
      for (const { x, y, text } of box.texts) {
        assert.ok(x + textColumns(text) * 7.2 <= right && y <= bottom, `${text} is not in its box`);
      }
      for (const other of boxes.slice(index + 1)) {
        const isApart =
          other.x >= right || other.x + other.width <= box.x || other.y >= bottom || other.y + other.height <= box.y;
        assert.ok(isApart, `${box.texts[0]?.text} is over ${other.texts[0]?.text}`);
      }
    }
  });
}

test("layoutGraph draws a line from each container to what they share", () => {
  const { boxes, lines } = layoutGraph(buildGraph(SHARED, HOST));
  const network = boxes.find(({ texts }) => texts[0]?.text === "network namespace") ?? assert.fail();
  const ends = lines.filter(({ to }) => to.x === network.x + network.width && to.y === network.y + network.height / 2);
  assert.equal(ends.length, 2);
});

test("placeColumn puts boxes where they would be, and below each other where they would touch", () => {
  const wish = (middle: number) => ({ height: 10, middle });
  assert.deepEqual(placeColumn([wish(50), wish(100)], 0, 2), [45, 95]);
  assert.deepEqual(placeColumn([wish(50), wish(50), wish(49)], 0, 2), [56, 68, 44]);
  assert.deepEqual(placeColumn([wish(0)], 20, 2), [20]);
});
