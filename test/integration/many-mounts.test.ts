import assert from "node:assert/strict";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";
import { parseMountTable } from "../helpers/mount-table.ts";
import { needsUserNamespaces } from "../helpers/needs.ts";
import type { TestBox } from "../helpers/test-box.ts";

const COUNT = 150;

function bindManyTimes(box: TestBox): void {
  const binds = Array.from({ length: COUNT }, (_, index) => ({
    destination: `/tmp/many/${index}`,
    source: box.stateRoot,
    options: ["bind", "ro"],
  }));
  box.config.root.readonly = false;
  box.config.mounts.push(...binds);
}

async function countMounts(box: TestBox): Promise<number> {
  const [text] = await box.look(["cat", "/proc/self/mountinfo"]);
  assert.ok(typeof text === "string");
  return parseMountTable(text).filter(({ point }) => point.startsWith("/tmp/many/")).length;
}

describe("a config with more mounts than most", () => {
  containerTest("has them all", async (box) => {
    bindManyTimes(box);
    assert.equal(await countMounts(box), COUNT);
  });

  containerTest(
    "has them all in a user namespace",
    async (box) => {
      const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      box.config.linux.namespaces.push({ type: "user" });
      Object.assign(box.config.linux, { uidMappings: map, gidMappings: map });
      bindManyTimes(box);
      assert.equal(await countMounts(box), COUNT);
    },
    { needs: [needsUserNamespaces] },
  );
});
