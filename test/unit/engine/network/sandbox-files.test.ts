import assert from "node:assert/strict";
import { test } from "node:test";
import { parseResolvConf, withoutLocalServers } from "../../../../src/engine/network/dns/resolv-conf.ts";
import { sandboxFiles } from "../../../../src/engine/network/sandbox/sandbox-files.ts";
import type { Endpoint, NetworkMode, SandboxRequest } from "../../../../src/engine/network/types.ts";

const HOST = {
  own: parseResolvConf("nameserver 127.0.0.53\nsearch corp.example\noptions edns0\n"),
  reachable: parseResolvConf("nameserver 192.0.2.53\nsearch corp.example\n"),
  hosts: "127.0.0.1\tlocalhost\n192.0.2.7\tprinter\n",
};

const ENDPOINT: Endpoint = {
  networkId: "1".repeat(64),
  network: "back",
  driver: "bridge",
  device: "eth0",
  mac: "02:42:0a:01:00:02",
  address: "10.1.0.2/24",
  gateway: "10.1.0.1",
  aliases: [],
};

function request(more: Partial<SandboxRequest> = {}): SandboxRequest {
  const mode: NetworkMode = { kind: "networks", networks: [] };
  const dns = { servers: [], options: [], search: [] };
  return { containerId: "a".repeat(64), name: "web", hostname: "web", mode, ports: [], dns, extraHosts: [], ...more };
}

test("sandboxFiles gives a container of the default network the host's servers", () => {
  const files = sandboxFiles(request(), [{ endpoint: ENDPOINT, nameServers: [] }], HOST);
  assert.equal(files.resolvConf, "nameserver 192.0.2.53\nsearch corp.example\n");
  assert.match(files.hosts, /^127\.0\.0\.1\tlocalhost\n(.*\n)*10\.1\.0\.2\tweb\n$/);
});

test("sandboxFiles gives a container of a network with names that network's server, which asks those of --dns", () => {
  const dns = { servers: ["9.9.9.9"], options: [], search: ["."] };
  const files = sandboxFiles(request({ dns }), [{ endpoint: ENDPOINT, nameServers: ["10.1.0.1"] }], HOST);
  assert.equal(files.resolvConf, "nameserver 10.1.0.1\noptions ndots:0\n");
});

test("sandboxFiles gives a container on the host's network what the host has", () => {
  const files = sandboxFiles(request({ mode: { kind: "host" }, extraHosts: ["me:host-gateway"] }), [], HOST);
  assert.equal(files.resolvConf, "nameserver 127.0.0.53\nsearch corp.example\noptions edns0\n");
  assert.equal(files.hosts, `${HOST.hosts}127.0.0.1\tme\n`);
});

test("sandboxFiles adds --add-host, with the gateway for host-gateway", () => {
  const extraHosts = ["gw:host-gateway", "six=[2001:db8::1]", "four:192.0.2.9"];
  const { hosts } = sandboxFiles(
    request({ extraHosts, domainname: "org" }),
    [{ endpoint: ENDPOINT, nameServers: [] }],
    HOST,
  );
  for (const line of ["10.1.0.1\tgw", "2001:db8::1\tsix", "192.0.2.9\tfour", "10.1.0.2\tweb.org web"]) {
    assert.ok(hosts.split("\n").includes(line), line);
  }
  assert.throws(() => sandboxFiles(request({ extraHosts: ["x"] }), [], HOST), /must be NAME:ADDRESS/);
  assert.throws(() => sandboxFiles(request({ extraHosts: ["x:host-gateway"] }), [], HOST), /there is no gateway/);
});

test("withoutLocalServers leaves out what only the host itself reaches", () => {
  assert.deepEqual(withoutLocalServers(["127.0.0.53", "::1", "fe80::1%eth0", "192.0.2.1"]), ["192.0.2.1"]);
});
