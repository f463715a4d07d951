import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAddress, parseAddress, prefixContains } from "../../../../src/base/ip-address.ts";
import { addressPool, macOf, nextAddress, requestedAddress } from "../../../../src/engine/network/address-pool.ts";

const NOTHING = new Set<string>();

test("nextAddress hands out every address but network, gateway and broadcast, each once, and then refuses", () => {
  const subnets = fc.integer({ min: 24, max: 30 }).map((length) => `10.3.0.0/${length}`);
  const property = fc.property(subnets, (subnet) => {
    const pool = addressPool({ subnet, gateway: "10.3.0.1" });
    const count = 2 ** (32 - pool.prefix.length) - 3;
    const taken = new Set<string>();
    for (let n = 0; n < count; n++) {
      const previous = [...taken].at(-1);
      const address = nextAddress(pool, taken, previous === undefined ? undefined : parseAddress(previous));
      assert.ok(prefixContains(pool.prefix, address));
      taken.add(formatAddress(address));
    }
    assert.equal(taken.size, count);
    for (const never of ["10.3.0.0", "10.3.0.1"]) assert.ok(!taken.has(never));
    assert.throws(() => nextAddress(pool, taken, undefined), /none of "10\.3\.0\.0\/[0-9]+" is free/);
  });
  fc.assert(property);
});

test("nextAddress goes on behind the last one, and from the start again after the end", () => {
  const pool = addressPool({ subnet: "10.3.0.0/29", gateway: "10.3.0.1" });
  assert.equal(formatAddress(nextAddress(pool, NOTHING, parseAddress("10.3.0.4"))), "10.3.0.5");
  assert.equal(formatAddress(nextAddress(pool, NOTHING, parseAddress("10.3.0.6"))), "10.3.0.2");
});

test("nextAddress keeps to the range, in the widest subnets too", () => {
  const wide = addressPool({ subnet: "10.0.0.0/8", gateway: "10.0.0.1", ipRange: "10.9.0.0/16" });
  assert.equal(formatAddress(nextAddress(wide, NOTHING, undefined)), "10.9.0.0");
  const v6 = addressPool({ subnet: "fd00::/64", gateway: "fd00::1" });
  assert.equal(formatAddress(nextAddress(v6, NOTHING, undefined)), "fd00::2");
});

const REFUSED = {
  "10.3.1.2": /none of the network's subnet 10\.3\.0\.0\/24/,
  "10.3.0.0": /none of the network's subnet/,
  "10.3.0.255": /none of the network's subnet/,
  "10.3.0.1": /it is the network's gateway/,
  "10.3.0.9": /it is in use/,
  "fd00::1": /it is no IPv4 address/,
  x: /it is no IPv4 address/,
} as const;

for (const [text, message] of Object.entries(REFUSED)) {
  test(`requestedAddress refuses "${text}"`, () => {
    const pool = addressPool({ subnet: "10.3.0.0/24", gateway: "10.3.0.1" });
    assert.throws(() => requestedAddress(pool, new Set(["10.3.0.9"]), text), message);
  });
}

test("macOf is local, of one device, and the address's own", () => {
  const address = parseAddress("172.17.0.2");
  assert.ok(address);
  assert.equal(macOf(address), "02:42:ac:11:00:02");
});
