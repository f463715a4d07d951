import assert from "node:assert/strict";
import type { SandboxRequest, SandboxResult } from "../../src/engine/network/types.ts";
import { HOST, type NetworkBox, OUTSIDE, published } from "../helpers/network-box.ts";
import type { Question } from "../helpers/network-peer.ts";
import { netnsOf, networkTest } from "../helpers/network-test.ts";

networkTest("a port of a container without IPv6 answers on the host's IPv6 addresses", async (box) => {
  const web = box.connect(
    box.request("web", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8080 })),
  );
  await box.serve(netnsOf(web), "web", 80);
  const question = (host: string): Question => ({ protocol: "tcp", host, port: 8080 });
  assert.match(box.ask(box.outside, [question(HOST.v6)])[0] ?? "", /^web 80/);
  assert.match(box.ask(box.host, [question("::1")])[0] ?? "", /^web 80/);
});

networkTest("a port that is taken is refused with the holder's name", async (box) => {
  const port = { protocol: "tcp", containerPort: 80, hostPort: 8080 } as const;
  box.connect(box.request("web", ["bridge"], published(port)));
  const before = box.traces();
  assert.throws(
    () => box.connect(box.request("second", ["bridge"], published(port))),
    /Bind for 0\.0\.0\.0:8080 failed: port is already allocated: the container "web" has it/,
  );
  await box.serve(box.host, "squatter", 9090);
  assert.throws(
    () => box.connect(box.request("third", ["bridge"], published({ ...port, hostPort: 9090 }))),
    /port is already allocated: node[^ ]* \(pid [0-9]+\) has it/,
  );
  assert.deepEqual(box.traces(), before);
});

networkTest("a port of the container alone gets a free one of the host", async (box) => {
  const web = box.connect(box.request("web", ["bridge"], published({ protocol: "tcp", containerPort: 80 })));
  await box.serve(netnsOf(web), "web", 80);
  const port = web.ports[0]?.hostPort ?? 0;
  assert.match(box.ask(box.outside, [{ protocol: "tcp", host: HOST.v4, port }])[0] ?? "", /^web/);
});

networkTest("two hundred containers at once have two hundred addresses", async (box) => {
  box.mydocker(0, "network", "create", "--subnet", "10.70.0.0/22", "many");
  const requests = Array.from({ length: 200 }, (_, n) => box.request(`c${n}`, ["many"]));
  const lists = Array.from({ length: 10 }, (_, n) => requests.slice(20 * n, 20 * n + 20));
  const connected = await box.driveTogether(
    lists.map((list) => list.map((request) => ({ act: "connect", request }) as const)),
  );
  const addresses = (connected.flat() as readonly SandboxResult[]).map(({ endpoints }) => endpoints[0]?.address);
  assert.equal(new Set(addresses).size, 200);
  await box.driveTogether(
    lists.map((list) => list.map(({ containerId }) => ({ act: "release", containerId }) as const)),
  );
  assert.deepEqual(
    box.traces().filter((trace) => /^veth|^members/.test(trace)),
    [membersLine(box, [])],
  );
});

/** How an empty network shows among the traces. */
function membersLine(box: NetworkBox, members: readonly unknown[]): string {
  const [network] = JSON.parse(box.mydocker(0, "network", "inspect", "many").stdout);
  return `members of ${network.Id}: ${JSON.stringify(members)}`;
}

networkTest("a container that is started again after a crash takes what is left of itself with it", (box) => {
  const request = prepareForFaults(box);
  box.tryDrive([{ act: "connect", request }], { killBefore: "publish ports" });
  assert.equal(box.connect(request).endpoints.length, 1);
});

/** A network with its bridge, and a request for it with a port. */
function prepareForFaults(box: NetworkBox): SandboxRequest {
  box.mydocker(0, "network", "create", "back");
  const request = box.request("web", ["back"], published({ protocol: "tcp", containerPort: 80, hostPort: 8080 }));
  box.connect(request);
  box.release(request.containerId);
  return request;
}

networkTest("attaching and detaching take nothing else with them", (box) => {
  box.mydocker(0, "network", "create", "--subnet", "10.78.0.0/24", "late");
  const { containerId, ...request } = box.request("web", ["bridge"]);
  const web = box.connect({ containerId, ...request });
  const before = box.traces();
  const late = { network: "late", ip: "10.78.0.9", aliases: ["www"] };
  box.drive([{ act: "attach", containerId, request: late }]);
  assert.match(box.run(netnsOf(web), "ip", "addr", "show", "eth1"), /inet 10\.78\.0\.9\/24/);
  assert.deepEqual(box.look(netnsOf(web), "10.78.0.1", "www"), [["10.78.0.9"]]);
  box.drive([{ act: "detach", containerId, network: "late" }]);
  const added = box.traces().filter((trace) => !before.includes(trace) && !trace.startsWith("members of"));
  assert.deepEqual(added, []);
});

networkTest("a macvlan puts the container into its parent's network", async (box) => {
  box.mydocker(
    0,
    "network",
    "create",
    "-d",
    "macvlan",
    "-o",
    "parent=up0",
    "--subnet",
    "198.51.100.0/24",
    "--gateway",
    OUTSIDE.v4,
    "lan",
  );
  const web = box.connect(box.request("web", [{ network: "lan", ip: "198.51.100.77", aliases: [] }]));
  await box.serve(netnsOf(web), "web", 80);
  const question: Question = { protocol: "tcp", host: "198.51.100.77", port: 80 };
  assert.deepEqual(box.ask(box.outside, [question]), [`web 80 ${OUTSIDE.v4}`]);
});
