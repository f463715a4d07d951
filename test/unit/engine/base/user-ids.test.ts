import assert from "node:assert/strict";
import { it } from "node:test";
import { idMappings } from "../../../../src/engine/base/user-ids.ts";

it("idMappings makes the own id root, and the subordinate ranges follow without a gap", () => {
  const ranges = [
    { owner: "ann", first: 100_000, count: 10 },
    { owner: "ann", first: 500_000, count: 5 },
  ];
  assert.deepEqual(idMappings(1000, ranges), [
    { containerID: 0, hostID: 1000, size: 1 },
    { containerID: 1, hostID: 100_000, size: 10 },
    { containerID: 11, hostID: 500_000, size: 5 },
  ]);
  assert.deepEqual(idMappings(1000, []), [{ containerID: 0, hostID: 1000, size: 1 }]);
});
