/** The picture of real containers: what it says is what the kernel says. */
import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Graph } from "../../src/engine/graph/graph-model.ts";
import { engineTest } from "../helpers/engine-test.ts";
import { readXml } from "../helpers/read-xml.ts";

engineTest(
  "graph draws what two containers share once, as the kernel has it, and tells who is not there",
  async (box) => {
    const one = await box.ok("run", "-d", "--name", "one", "-m", "64m", "-v", "data:/data", "base", "sleep", "1000");
    const shares = ["--network", "container:one", "-v", "data:/other:ro"];
    const two = await box.ok("run", "-d", "--name", "two", ...shares, "base", "sleep", "1000");
    // Written by the program from a value of the type.
    const { nodes, edges }: Graph = JSON.parse(await box.ok("graph", "--format", "json"));
    const owners = (id: string) => edges.filter(({ to }) => to === id).map(({ from }) => from);

    const pids = nodes.flatMap((node) => (node.kind === "container" ? [node.pid] : []));
    const links = pids.map((pid) => `namespace:${readlinkSync(`/proc/${pid}/ns/net`)}`);
    assert.equal(links.length, 2);
    assert.equal(links[0], links[1]);
    assert.deepEqual(
      nodes.flatMap((node) => (node.kind === "namespace" && node.type === "network" ? [node.id] : [])),
      [links[0]],
    );
    assert.deepEqual(owners(links[0] ?? ""), [`container:${one}`, `container:${two}`]);
    assert.deepEqual(owners("volume:data"), [`mount:${one}:/data`, `mount:${two}:/other`]);
    const user = nodes.find(({ id }) => id === `namespace:${readlinkSync("/proc/self/ns/user")}`);
    assert.ok(user?.kind === "namespace" && user.isHost && owners(user.id).length === 2);
    const limits = nodes.flatMap((node) => (node.kind === "cgroup" ? [node.limits.memoryBytes] : []));
    assert.deepEqual(limits, [64 * 1024 * 1024, undefined]);

    await box.ok("graph", "-o", "one.svg", "one", one);
    const svg = readFileSync(join(box.directory, "one.svg"), "utf8");
    assert.equal((await box.call(["graph", "one"])).stdout, svg);
    assert.equal(readXml(svg).filter(({ attributes }) => attributes.class === "container").length, 1);
    assert.match(await box.ok("graph", "--format", "dot", "two"), /^digraph containers \{\n/);

    const missing = await box.call(["graph", "one", "nosuch"]);
    assert.deepEqual(missing, { ...missing, status: 1, stdout: "", stderr: "mydocker: No such container: nosuch\n" });
    await box.ok("rm", "-f", "one", "two");
    assert.deepEqual(JSON.parse(await box.ok("graph", "--format", "json")), { nodes: [], edges: [] });
  },
);
