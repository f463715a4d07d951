import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePrefix } from "../../../../src/base/ip-address.ts";
import { chooseSubnets, type SubnetRequest } from "../../../../src/engine/network/subnet-choice.ts";

const UNIQUE_LOCAL = prefix("fd12:3456:789a::/64");
const NONE: SubnetRequest = { subnets: [], gateways: [], ipRanges: [], ipv6: false };

test("chooseSubnets takes the first default pool that overlaps with nothing", () => {
  const taken = [
    { prefix: prefix("172.17.0.0/16"), holder: "a" },
    { prefix: prefix("172.18.5.0/24"), holder: "b" },
  ];
  assert.deepEqual(chooseSubnets(NONE, taken, UNIQUE_LOCAL), [{ subnet: "172.19.0.0/16", gateway: "172.19.0.1" }]);
});

test("chooseSubnets refuses when all pools overlap with one route", () => {
  const taken = ["172.16.0.0/12", "192.168.0.0/16"].map((text) => ({ prefix: prefix(text), holder: text }));
  assert.throws(() => chooseSubnets(NONE, taken, UNIQUE_LOCAL), /every one of the default pools overlaps/);
});

test("chooseSubnets gives IPv6 a unique local prefix, or the one that is named", () => {
  assert.deepEqual(chooseSubnets({ ...NONE, ipv6: true }, [], UNIQUE_LOCAL)[1], {
    subnet: "fd12:3456:789a::/64",
    gateway: "fd12:3456:789a::1",
  });
  const named = { ...NONE, ipv6: true, subnets: ["fd00:7::/64", "10.7.0.0/30"], gateways: ["fd00:7::9"] };
  assert.deepEqual(chooseSubnets(named, [], UNIQUE_LOCAL), [
    { subnet: "10.7.0.0/30", gateway: "10.7.0.1" },
    { subnet: "fd00:7::/64", gateway: "fd00:7::9" },
  ]);
});

const REFUSED: readonly (readonly [Partial<SubnetRequest>, RegExp])[] = [
  [{ subnets: ["10.1.2.0/16"] }, /a network's address with its length, such as 10\.1\.0\.0\/16/],
  [{ subnets: ["10.1.2.9/24"] }, /a network's address with its length, such as 10\.1\.2\.0\/24/],
  [{ subnets: ["10.0.0.0/7"] }, /its length must be from \/8 to \/30/],
  [{ subnets: ["10.0.0.0/31"] }, /its length must be from \/8 to \/30/],
  [{ subnets: ["10.9.1.0/24"] }, /overlaps with the host's route 10\.9\.0\.0\/16 dev eth0/],
  [{ subnets: ["10.1.0.0/24", "10.2.0.0/24"] }, /two IPv4 subnets/],
  [{ subnets: ["fd00::/64"] }, /an IPv6 subnet without --ipv6/],
  [{ subnets: ["10.1.0.0/24"], gateways: ["10.2.0.1"] }, /must be in the subnet 10\.1\.0\.0\/24/],
  [{ subnets: ["10.1.0.0/24"], gateways: ["10.1.0.255"] }, /the address of a host in/],
  [{ subnets: ["10.1.0.0/24"], ipRanges: ["10.1.0.7"] }, /a network's address with its length/],
  [{ subnets: ["10.1.0.0/24"], ipRanges: ["10.1.0.0/16"] }, /with its length, in the subnet/],
];

for (const [request, message] of REFUSED) {
  test(`chooseSubnets refuses ${JSON.stringify(request)}`, () => {
    const taken = [{ prefix: prefix("10.9.0.0/16"), holder: "the host's route 10.9.0.0/16 dev eth0" }];
    assert.throws(() => chooseSubnets({ ...NONE, ...request }, taken, UNIQUE_LOCAL), message);
  });
}

function prefix(text: string) {
  const parsed = parsePrefix(text);
  assert.ok(parsed, text);
  return parsed;
}
