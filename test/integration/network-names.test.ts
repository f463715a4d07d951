import assert from "node:assert/strict";
import { HOST, OUTSIDE, published } from "../helpers/network-box.ts";
import { firewallTest, netnsOf, networkTest } from "../helpers/network-test.ts";

/** What test-resolver.ts tells. */
const TOLD = { v4: "203.0.113.9", v6: "2001:db8:9::9" } as const;

/** Nobody is there. */
const SILENT = "198.51.100.99";

networkTest("containers of a network find each other by name, and by that of every network they share", async (box) => {
  box.mydocker(0, "network", "create", "--subnet", "10.74.0.0/24", "front");
  box.mydocker(0, "network", "create", "--subnet", "10.75.0.0/24", "back");
  const web = box.connect(box.request("web", ["front", "back"]));
  box.connect(box.request("db", [{ network: "back", aliases: ["Database"] }]));
  const other = box.connect(box.request("other", ["front"]));
  assert.match(web.files?.resolvConf ?? "", /^nameserver 10\.74\.0\.1\nnameserver 10\.75\.0\.1\n/);
  const names = ["db", "database", "db.back", "web", "nobody", "10.74.0.2"];
  assert.deepEqual(box.look(netnsOf(web), "10.74.0.1", ...names), [
    ["10.75.0.3"],
    ["10.75.0.3"],
    ["10.75.0.3"],
    ["10.74.0.2"],
    ["ENOTFOUND"],
    ["web"],
  ]);
  assert.deepEqual(box.look(netnsOf(other), "10.74.0.1", "web", "db"), [["10.74.0.2"], ["ENOTFOUND"]]);
});

networkTest("an alias that no network of the container could tell is refused", (box) => {
  const request = box.request("web", [{ network: "bridge", aliases: ["www"] }]);
  assert.throws(() => box.connect(request), /Cannot give the container the network alias "www"/);
});

networkTest("a name server is there as long as somebody is on its network", (box) => {
  box.mydocker(0, "network", "create", "back");
  const [first, second] = [box.request("first", ["back"]), box.request("second", ["back"])];
  const servers = (): number => box.traces().filter((trace) => trace.includes("mydocker-netd dns")).length;
  box.connect(first);
  box.connect(second);
  assert.equal(servers(), 1);
  box.release(first.containerId);
  assert.equal(servers(), 1);
  box.release(second.containerId);
  assert.equal(servers(), 0);
});

networkTest("network rm refuses while somebody is on it, and removes all of it then", (box) => {
  const before = box.run(box.host, "ip", "-o", "link");
  box.mydocker(0, "network", "create", "--ipv6", "back");
  const request = box.request("web", ["back"]);
  box.connect(request);
  assert.match(box.mydocker(1, "network", "rm", "back").stderr, /network back has active endpoints: web/);
  box.release(request.containerId);
  box.mydocker(0, "network", "rm", "back");
  assert.equal(box.run(box.host, "ip", "-o", "link"), before);
  assert.doesNotMatch(box.run(box.host, "nft", "list", "ruleset"), /elements/);
});

networkTest("names that are nobody's go to the servers of --dns, the next one where one is silent", async (box) => {
  await box.resolve(box.outside, OUTSIDE.v4);
  box.mydocker(0, "network", "create", "--subnet", "10.81.0.0/24", "back");
  const dns = { servers: [SILENT, OUTSIDE.v4], options: [], search: [] };
  const web = box.connect(box.request("web", ["back"], { dns }));
  const names = [
    "www.example",
    "www.example/6",
    "nobody.example",
    "large.example",
    "www.example/tcp",
    "web/tcp",
    "web/6",
  ];
  assert.deepEqual(box.look(netnsOf(web), "10.81.0.1", ...names), [
    [TOLD.v4],
    [TOLD.v6],
    ["ENOTFOUND"],
    [TOLD.v4],
    ["status 0, 1 answers"],
    ["status 0, 1 answers"],
    ["ENODATA"],
  ]);
});

networkTest("a name that no server answers fails before its client gives up", (box) => {
  box.mydocker(0, "network", "create", "--subnet", "10.82.0.0/24", "back");
  box.mydocker(0, "network", "create", "--internal", "--subnet", "10.83.0.0/24", "inner");
  const dns = { servers: [SILENT], options: [], search: [] };
  const web = box.connect(box.request("web", ["back"], { dns }));
  const inner = box.connect(box.request("inner", ["inner"], { dns }));
  const failed = [["ESERVFAIL"], ["status 2, 0 answers"]];
  assert.deepEqual(box.look(netnsOf(web), "10.82.0.1", "www.example", "www.example/tcp"), failed);
  assert.deepEqual(box.look(netnsOf(inner), "10.83.0.1", "www.example", "www.example/tcp"), failed);
});

firewallTest("a network has names also where port 53 of the host is a container's", async (box) => {
  box.mydocker(0, "network", "create", "--ipv6", "--subnet", "10.84.0.0/24", "--subnet", "fd84::/64", "back");
  const ports = (["udp", "tcp"] as const).map((protocol) => ({ protocol, containerPort: 53, hostPort: 53 }));
  const dns = box.connect(box.request("dns", ["bridge"], published(...ports)));
  await box.resolve(netnsOf(dns), "0.0.0.0");
  const web = box.request("web", ["back"]);
  box.connect(web);
  box.release(web.containerId);
  const before = box.traces();
  const namespace = netnsOf(box.connect(web));
  assert.deepEqual(box.look(namespace, "10.84.0.1", "web", "web/tcp"), [["10.84.0.3"], ["status 0, 1 answers"]]);
  assert.deepEqual(box.look(namespace, "fd84::1", "web/6"), [["fd84::3"]]);
  assert.deepEqual(box.look(box.outside, HOST.v4, "www.example"), [[TOLD.v4]]);
  assert.deepEqual(box.look(namespace, HOST.v4, "www.example"), [[TOLD.v4]]);
  box.release(web.containerId);
  assert.deepEqual(box.traces(), before);
});
