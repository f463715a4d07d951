import assert from "node:assert/strict";
import { it } from "node:test";
import type { SandboxRequest, SandboxResult } from "../../src/engine/network/types.ts";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { needsProgram, needsRoot } from "../helpers/needs.ts";
import { HOST, NetworkBox, OUTSIDE, published } from "../helpers/network-box.ts";
import type { Question } from "../helpers/network-peer.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

const skip = [needsRoot, needsProgram("nft"), needsProgram("nsenter"), needsProgram("ip")]
  .map((need) => need())
  .find((reason) => reason !== undefined);
const options = { skip: skip ?? false, timeout: 120_000 * TIME_SCALE };

/** Declares a test on a box of its own. */
function networkTest(name: string, body: (box: NetworkBox) => Promise<void> | void): void {
  it(name, options, async () => {
    const box = new NetworkBox();
    try {
      await body(box);
    } finally {
      box.close();
    }
  });
}

const DUAL = ["network", "create", "--ipv6", "--subnet", "10.77.0.0/24", "--subnet", "fd77::/64"] as const;

networkTest("a published port answers from everywhere: TCP and UDP, IPv4 and IPv6", async (box) => {
  box.mydocker(0, ...DUAL, "dual");
  const ports = (["tcp", "udp"] as const).map((protocol) => ({ protocol, containerPort: 80, hostPort: 8080 }));
  const web = box.connect(box.request("web", ["dual"], published(...ports)));
  const other = box.connect(box.request("other", ["dual"]));
  await box.serve(netnsOf(web), "web", 80);
  const on = (host: string): readonly Question[] =>
    (["tcp", "udp"] as const).map((protocol) => ({ protocol, host, port: 8080 }));
  const asked = async (netns: string, ...hosts: readonly string[]) => {
    const answers = box.ask(netns, hosts.flatMap(on));
    return answers.map((answer) => answer?.split(" ")[0]);
  };
  const all = (count: number): readonly string[] => Array(2 * count).fill("web");
  assert.deepEqual(await asked(box.outside, HOST.v4, HOST.v6), all(2), "from another machine");
  assert.deepEqual(await asked(box.host, HOST.v4, HOST.v6, "127.0.0.1", "::1", "10.77.0.1"), all(5), "from the host");
  assert.deepEqual(await asked(netnsOf(other), HOST.v4, HOST.v6, "10.77.0.1"), all(3), "from another container");
  assert.deepEqual(await asked(netnsOf(web), HOST.v4, HOST.v6), all(2), "from itself");
  const [fromOutside = ""] = box.ask(box.outside, on(HOST.v4));
  assert.equal(fromOutside, `web 80 ${OUTSIDE.v4}`, "the client's address is kept");
});

networkTest("a port of a container without IPv6 answers on the host's IPv6 addresses", async (box) => {
  const web = box.connect(
    box.request("web", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8080 })),
  );
  await box.serve(netnsOf(web), "web", 80);
  const question = (host: string): Question => ({ protocol: "tcp", host, port: 8080 });
  assert.match(box.ask(box.outside, [question(HOST.v6)])[0] ?? "", /^web 80/);
  assert.match(box.ask(box.host, [question("::1")])[0] ?? "", /^web 80/);
});

networkTest("a port published on one address answers there only", async (box) => {
  const local = { protocol: "tcp", containerPort: 80, hostPort: 8080, hostIp: "127.0.0.1" } as const;
  const web = box.connect(box.request("web", ["bridge"], published(local)));
  await box.serve(netnsOf(web), "web", 80);
  const question = (host: string): Question => ({ protocol: "tcp", host, port: 8080 });
  assert.match(box.ask(box.host, [question("127.0.0.1")])[0] ?? "", /^web/);
  assert.deepEqual(box.ask(box.host, [question(HOST.v4)]), [null]);
  assert.deepEqual(box.ask(box.outside, [question(HOST.v4)]), [null]);
});

networkTest("what is not published is reached from its own network only", async (box) => {
  for (const [name, subnet] of [["a", "10.71.0.0/24"] as const, ["b", "10.72.0.0/24"] as const]) {
    box.mydocker(0, "network", "create", "--subnet", subnet, name);
  }
  const [web, near, far] = [
    ["web", "a"],
    ["near", "a"],
    ["far", "b"],
  ].map(([name = "", network = ""]) => box.connect(box.request(name, [network]))) as [
    SandboxResult,
    SandboxResult,
    SandboxResult,
  ];
  await box.serve(netnsOf(web), "web", 80);
  await box.serve(box.outside, "outside", 90);
  box.ip(box.outside, "route", "add", "10.71.0.0/24", "via", HOST.v4);
  const question: Question = { protocol: "tcp", host: "10.71.0.2", port: 80 };
  assert.match(box.ask(netnsOf(near), [question])[0] ?? "", /^web/);
  assert.deepEqual(box.ask(netnsOf(far), [question]), [null], "from another network");
  assert.deepEqual(box.ask(box.outside, [question]), [null], "from a machine with a route there");
  const out: Question = { protocol: "tcp", host: OUTSIDE.v4, port: 90 };
  assert.deepEqual(box.ask(netnsOf(far), [out]), [`outside 90 ${HOST.v4}`], "the way out is masqueraded");
});

networkTest("an internal network has no way out and no port in", async (box) => {
  box.mydocker(0, "network", "create", "--internal", "--subnet", "10.73.0.0/24", "inner");
  const inside = box.connect(box.request("inside", ["inner"]));
  await box.serve(box.outside, "outside", 90);
  assert.deepEqual(box.ask(netnsOf(inside), [{ protocol: "tcp", host: OUTSIDE.v4, port: 90 }]), [null]);
  const request = box.request("second", ["inner"], published({ protocol: "tcp", containerPort: 80 }));
  assert.throws(() => box.connect(request), /none of the container's networks is a bridge with a way in/);
});

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

networkTest("releasing takes exactly what was the container's", (box) => {
  box.connect(box.request("first", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8081 })));
  const before = box.traces();
  const second = box.request("second", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8082 }));
  box.connect(second);
  assert.notDeepEqual(box.traces(), before);
  box.release(second.containerId);
  assert.deepEqual(box.traces(), before);
  box.release(second.containerId);
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

const STEPS = [
  "resolve networks",
  "claim addresses and ports",
  "tell names",
  "make namespace",
  "make links",
  "configure links",
  "publish ports",
] as const;

networkTest("a failure before any step leaves nothing", (box) => {
  const request = prepareForFaults(box);
  const before = box.traces();
  for (const step of STEPS) {
    const answer = box.tryDrive([{ act: "connect", request }], { failBefore: step });
    assert.equal(answer?.error, `told to fail before "${step}"`);
    assert.deepEqual(box.traces(), before, step);
  }
});

networkTest("what is left when the engine is killed before any step is taken back by recover", (box) => {
  const request = prepareForFaults(box);
  const before = box.traces();
  for (const step of STEPS) {
    assert.equal(box.tryDrive([{ act: "connect", request }], { killBefore: step }), undefined);
    box.drive([{ act: "recover", living: [] }]);
    assert.deepEqual(box.traces(), before, step);
  }
});

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

networkTest("connect and disconnect give a running container a network and take it", (box) => {
  box.mydocker(0, "network", "create", "--subnet", "10.78.0.0/24", "late");
  const request = box.request("web", ["bridge"]);
  const web = box.connect(request);
  const before = box.traces();
  box.mydocker(0, "network", "connect", "--ip", "10.78.0.9", "--alias", "www", "late", "web");
  assert.match(box.run(netnsOf(web), "ip", "addr", "show", "eth1"), /inet 10\.78\.0\.9\/24/);
  assert.deepEqual(box.look(netnsOf(web), "10.78.0.1", "www"), [["10.78.0.9"]]);
  assert.match(box.mydocker(1, "network", "connect", "late", "web").stderr, /is on the network "late" already/);
  box.mydocker(0, "network", "disconnect", "late", "web");
  const isNew = (trace: string): boolean => !before.includes(trace);
  assert.deepEqual(
    box
      .traces()
      .filter(isNew)
      .filter((trace) => !trace.startsWith("members of")),
    [],
  );
});

networkTest(
  "a running container that is connected looks names up there, and no more when it is disconnected",
  (box) => {
    if (findProgram("busybox") === undefined) return;
    box.mydocker(0, "image", "build-base");
    box.mydocker(0, "network", "create", "--subnet", "10.79.0.0/24", "late");
    box.mydocker(0, "run", "-d", "--name", "web", "base", "sleep", "1000");
    try {
      const servers = (): string => box.mydocker(0, "exec", "web", "cat", "/etc/resolv.conf").stdout;
      const before = servers();
      box.mydocker(0, "network", "connect", "late", "web");
      assert.match(servers(), /^nameserver 10\.79\.0\.1\n/);
      assert.match(box.mydocker(0, "exec", "web", "nslookup", "web").stdout, /10\.79\.0\.2/);
      box.mydocker(0, "network", "disconnect", "late", "web");
      assert.equal(servers(), before);
    } finally {
      box.mydocker(0, "rm", "-f", "web");
    }
  },
);

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

networkTest("network explain shows the way of a packet, and what is wrong with it", (box) => {
  const web = box.connect(
    box.request("web", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8080 })),
  );
  const fine = box.mydocker(0, "network", "explain", "web").stdout;
  assert.match(fine, /eth0 → veth[0-9a-f]+ → mydocker0 → forward → postrouting: masquerade/);
  assert.match(fine, /\*:8080\/tcp → published: any4 \{ tcp \. 8080 \} → dnat → forward → 172\.[0-9.]+:80/);
  assert.match(fine, /problems\n {4}none/);
  box.run(netnsOf(web), "ip", "link", "set", "eth0", "down");
  box.run(box.host, "sysctl", "-qw", "net.ipv4.ip_forward=0");
  box.run(box.host, "nft", "flush", "map", "inet", "mydocker", "any4");
  const broken = box.mydocker(0, "network", "explain", "web").stdout;
  assert.match(broken, /eth0 of the container is down/);
  assert.match(broken, /net\.ipv4\.ip_forward is 0/);
  assert.match(broken, /port 8080\/tcp of the host has no rule/);
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

function netnsOf({ namespace }: SandboxResult): string {
  assert.equal(namespace.kind, "path");
  return namespace.kind === "path" ? namespace.path : "";
}
