import assert from "node:assert/strict";
import type { SandboxRequest, SandboxResult } from "../../src/engine/network/types.ts";
import { HOST, type NetworkBox, OUTSIDE, published } from "../helpers/network-box.ts";
import type { Question } from "../helpers/network-peer.ts";
import { firewallTest, netnsOf, networkTest, WITHOUT_NFT } from "../helpers/network-test.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

const DUAL = ["network", "create", "--ipv6", "--subnet", "10.77.0.0/24", "--subnet", "fd77::/64"] as const;

firewallTest("a published port answers from everywhere: TCP and UDP, IPv4 and IPv6", async (box) => {
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

networkTest("a new IPv6 network forwards at once: the bridge waits for no duplicate of its address", (box) => {
  box.mydocker(0, ...DUAL, "dual");
  box.connect(box.request("web", ["dual"]));
  const [, bridge = ""] = /(br-\w+)/.exec(box.ip(box.host, "-o", "link")) ?? [];
  const own = (): string => box.ip(box.host, "-6", "-o", "addr", "show", "dev", bridge, "scope", "link");
  for (const deadline = Date.now() + 5000 * TIME_SCALE; own() === "" && Date.now() < deadline; );
  assert.match(own(), /fe80:/);
  assert.doesNotMatch(own(), /tentative/);
});

firewallTest("a port published on one address answers there only", async (box) => {
  const local = { protocol: "tcp", containerPort: 80, hostPort: 8080, hostIp: "127.0.0.1" } as const;
  const web = box.connect(box.request("web", ["bridge"], published(local)));
  await box.serve(netnsOf(web), "web", 80);
  const question = (host: string): Question => ({ protocol: "tcp", host, port: 8080 });
  assert.match(box.ask(box.host, [question("127.0.0.1")])[0] ?? "", /^web/);
  assert.deepEqual(box.ask(box.host, [question(HOST.v4)]), [null]);
  assert.deepEqual(box.ask(box.outside, [question(HOST.v4)]), [null]);
});

firewallTest("what is not published is reached from its own network only", async (box) => {
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

firewallTest("an internal network has no way out and no port in", async (box) => {
  box.mydocker(0, "network", "create", "--internal", "--subnet", "10.73.0.0/24", "inner");
  const inside = box.connect(box.request("inside", ["inner"]));
  await box.serve(box.outside, "outside", 90);
  assert.deepEqual(box.ask(netnsOf(inside), [{ protocol: "tcp", host: OUTSIDE.v4, port: 90 }]), [null]);
  const request = box.request("second", ["inner"], published({ protocol: "tcp", containerPort: 80 }));
  assert.throws(() => box.connect(request), /none of the container's networks is a bridge with a way in/);
});

firewallTest("releasing takes exactly what was the container's", (box) => {
  box.connect(box.request("first", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8081 })));
  const before = box.traces();
  const second = box.request("second", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8082 }));
  box.connect(second);
  assert.notDeepEqual(box.traces(), before);
  box.release(second.containerId);
  assert.deepEqual(box.traces(), before);
  box.release(second.containerId);
});

const STEPS = [
  "resolve networks",
  "claim addresses and ports",
  "tell names",
  "make namespace",
  "make links",
  "configure links",
  "publish ports",
] as const;

firewallTest("a failure before any step leaves nothing", (box) => {
  const request = prepareForFaults(box);
  const before = box.traces();
  for (const step of STEPS) {
    const answer = box.tryDrive([{ act: "connect", request }], { failBefore: step });
    assert.equal(answer?.error, `told to fail before "${step}"`);
    assert.deepEqual(box.traces(), before, step);
  }
});

firewallTest("what is left when the engine is killed before any step is taken back by recover", (box) => {
  const request = prepareForFaults(box);
  const before = box.traces();
  for (const step of STEPS) {
    assert.equal(box.tryDrive([{ act: "connect", request }], { killBefore: step }), undefined);
    box.drive([{ act: "recover", living: [] }]);
    assert.deepEqual(box.traces(), before, step);
  }
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

firewallTest("a client that keeps sending UDP reaches the container that has the port now", async (box) => {
  const port = { protocol: "udp", containerPort: 80, hostPort: 8080 } as const;
  const answers = async (name: string): Promise<string> => {
    const request = box.request(name, ["bridge"], published(port));
    await box.serve(netnsOf(box.connect(request)), name, 80);
    // From one port of the client's: to the kernel all of it is one flow.
    const [answer] = box.ask(box.outside, [{ protocol: "udp", host: HOST.v4, port: 8080, from: 4040 }]);
    box.release(request.containerId);
    return answer?.split(" ")[0] ?? "nobody";
  };
  const question = { protocol: "udp", host: HOST.v4, port: 8080, from: 4040 } as const;
  assert.deepEqual(box.ask(box.outside, [question]), [null], "a flow that no rule knows yet");
  assert.deepEqual([await answers("first"), await answers("second")], ["first", "second"]);
});

/** A network with its bridge, and a request for it with a port. */
function prepareForFaults(box: NetworkBox): SandboxRequest {
  box.mydocker(0, "network", "create", "back");
  const request = box.request("web", ["back"], published({ protocol: "tcp", containerPort: 80, hostPort: 8080 }));
  box.connect(request);
  box.release(request.containerId);
  return request;
}

networkTest(
  "network explain shows the rules of iptables",
  (box) => {
    const port = { protocol: "tcp", containerPort: 80, hostPort: 8080 } as const;
    const request = box.request("web", ["bridge"], published(port));
    box.connect(request);
    const shown = box.mydocker(0, "network", "explain", "web").stdout;
    assert.match(shown, new RegExp(`--dport 8080 .*container ${request.containerId}.* -j DNAT --to-destination 172`));
    assert.match(shown, /rules: IPv4 filter MYDOCKER-[0-9a-f]{6}-FORWARD/);
    assert.match(shown, /problems\n {4}none/);
  },
  WITHOUT_NFT,
);

networkTest(
  "without nft and iptables a network is refused, and what to install is said",
  (box) => {
    const { stderr } = box.mydocker(1, "network", "create", "back");
    assert.match(stderr, /neither nft nor iptables is installed; fix: install nftables/);
  },
  [...WITHOUT_NFT, "/usr/sbin/iptables-restore"],
);
