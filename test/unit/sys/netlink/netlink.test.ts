import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { parseAddress, parseInterfaceAddress } from "../../../../src/base/ip-address.ts";
import { addAddress, listAddresses } from "../../../../src/sys/netlink/addresses.ts";
import {
  createBridge,
  createMacvlan,
  createVeth,
  deleteLink,
  findLink,
  listLinks,
  setLinkUp,
} from "../../../../src/sys/netlink/links.ts";
import { NetlinkSocket, withNetlink } from "../../../../src/sys/netlink/netlink-socket.ts";
import { addDefaultRoute, listRoutes } from "../../../../src/sys/netlink/routes.ts";
import { inNetns, testNetns } from "../../../helpers/test-netns.ts";

const skip = process.geteuid?.() !== 0 && "needs root";
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 7);

test("the links, addresses and routes that are made are those that ip(8) shows", { skip }, () => {
  const [host, inside] = [testNetns("host"), testNetns("inside")];
  const namespace = openSync(inside, "r");
  withNetlink(host, (socket) => {
    createBridge(socket, { name: "br7" });
    const master = indexOf(socket, "br7");
    createVeth(socket, { name: "veth7", master }, { name: "eth0", netns: namespace, mac: MAC, mtu: 1400 });
    createMacvlan(socket, { name: "mv0" }, master, "bridge");
    assert.equal(findLink(socket, "veth7")?.master, master);
    const names = listLinks(socket).map(({ name }) => name);
    assert.deepEqual(names.sort(), ["br7", "lo", "mv0", "veth7"]);
  });
  closeSync(namespace);
  withNetlink(inside, configureInside);
  assert.match(ip(inside, "link", "show", "dev", "eth0"), /<.*\bUP\b.*> mtu 1400 .*link\/ether 02:00:00:00:00:07/);
  assert.match(ip(inside, "addr", "show", "dev", "eth0"), /inet 10\.7\.0\.2\/24 brd 10\.7\.0\.255 scope global/);
  assert.match(ip(inside, "addr", "show", "dev", "eth0"), /inet6 fd07::2\/64 scope global nodad/);
  assert.match(ip(inside, "route", "show"), /^default via 10\.7\.0\.1 dev eth0/);
  assert.match(ip(inside, "-6", "route", "show"), /default via fd07::1 dev eth0/);
});

function configureInside(socket: NetlinkSocket): void {
  const index = indexOf(socket, "eth0");
  setLinkUp(socket, "eth0");
  for (const text of ["10.7.0.2/24", "fd07::2/64"]) addAddress(socket, { index, ...interfaceAddress(text) });
  for (const text of ["10.7.0.1", "fd07::1"]) addDefaultRoute(socket, index, address(text));
  assert.ok(listAddresses(socket).some((each) => each.index === index && each.length === 24));
  const defaults = listRoutes(socket).filter(({ destination }) => destination.length === 0);
  assert.deepEqual(defaults.map(({ gateway }) => gateway?.family).sort(), [4, 6]);
}

test("deleteLink removes both ends of a pair, and does nothing the second time", { skip }, () => {
  withNetlink(testNetns("pairs"), (socket) => {
    createVeth(socket, { name: "a" }, { name: "b" });
    deleteLink(socket, "a");
    deleteLink(socket, "a");
    assert.deepEqual(
      listLinks(socket).map(({ name }) => name),
      ["lo"],
    );
  });
});

test("a refusal names what was wanted and the kernel's reason", { skip }, () => {
  withNetlink(testNetns("refusals"), (socket) => {
    createBridge(socket, { name: "br" });
    assert.throws(
      () => createBridge(socket, { name: "br" }),
      /^SystemError: Cannot create the bridge "br": file exists/,
    );
    assert.throws(
      () => setLinkUp(socket, "none"),
      /Cannot bring up the network device "none": no such device \(ENODEV\)/,
    );
    assert.throws(
      () => addDefaultRoute(socket, indexOf(socket, "br"), address("10.0.0.1")),
      /Cannot set the default route: network is unreachable: Nexthop has invalid gateway \(ENETUNREACH\)/,
    );
  });
});

test("opening a socket elsewhere moves no thread of this process, and closing it leaves no descriptor", {
  skip,
}, () => {
  const other = testNetns("elsewhere");
  const before = [namespaces(), readdirSync("/proc/self/fd").length];
  for (let count = 0; count < 20; count++) new NetlinkSocket(other).close();
  assert.deepEqual([namespaces(), readdirSync("/proc/self/fd").length], before);
});

test("a namespace's path must be free and a socket's must be a namespace", { skip }, () => {
  assert.throws(() => testNetns("../etc/passwd/x"), /Cannot create the network namespace/);
  assert.throws(
    () => new NetlinkSocket("/etc/passwd"),
    /Cannot open a netlink socket in the network namespace "\/etc\/passwd"/,
  );
});

function namespaces(): readonly string[] {
  const threads = readdirSync("/proc/self/task");
  return [...new Set(threads.flatMap((thread) => namespaceOf(thread)))];
}

/** None, where the engine has ended that thread meanwhile. */
function namespaceOf(thread: string): readonly string[] {
  try {
    return [readlinkSync(`/proc/self/task/${thread}/ns/net`)];
  } catch {
    return [];
  }
}

function indexOf(socket: NetlinkSocket, name: string): number {
  const link = findLink(socket, name);
  assert.ok(link, name);
  return link.index;
}

function ip(netns: string, ...args: readonly string[]): string {
  const [file = "", ...rest] = inNetns(netns, "ip", "-oneline", ...args);
  return execFileSync(file, rest, { encoding: "utf8" }).replaceAll("\\", " ");
}

function address(text: string) {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

function interfaceAddress(text: string) {
  const parsed = parseInterfaceAddress(text);
  assert.ok(parsed, text);
  return parsed;
}
