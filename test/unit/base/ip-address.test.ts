import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import {
  addressBytes,
  addressFromBytes,
  formatAddress,
  formatPrefix,
  lastAddress,
  parseAddress,
  parseInterfaceAddress,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from "../../../src/base/ip-address.ts";

test("parseAddress takes what node takes, without zones, and nothing else", () => {
  const anyText = fc.stringMatching(/^[0-9a-f:.]{0,24}$/);
  const property = fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), anyText), (text) => {
    const address = parseAddress(text);
    assert.equal(address?.family ?? 0, isIP(text));
  });
  fc.assert(property, { numRuns: 3000 });
});

test("formatAddress writes the canonical text, which reads back", () => {
  const property = fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
    const address = parseAddress(text);
    assert.ok(address);
    const shown = formatAddress(address);
    assert.deepEqual(parseAddress(shown), address);
    if (address.family === 6) assert.equal(shown, canonical(text));
    assert.deepEqual(addressFromBytes(addressBytes(address)), address);
  });
  fc.assert(property, { numRuns: 1000 });
});

/** What the URL standard makes of it: RFC 5952's text. */
function canonical(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

const REFUSED = [
  "",
  "10.0.0.1/8",
  "10.0.0.0/33",
  "10.0.0.0/08",
  "10.0.0.0",
  "10.0.0.0/8/8",
  "fd00::/129",
  "fd00::1/64",
];

for (const text of REFUSED) {
  test(`parsePrefix refuses "${text}"`, () => assert.equal(parsePrefix(text), undefined));
}

test("parsePrefix and parseInterfaceAddress read ranges and addresses within", () => {
  assert.equal(formatPrefix(prefix("10.0.0.0/8")), "10.0.0.0/8");
  assert.equal(formatAddress(lastAddress(prefix("10.0.0.0/30"))), "10.0.0.3");
  assert.equal(formatAddress(lastAddress(prefix("fd00::/120"))), "fd00::ff");
  assert.equal(parseInterfaceAddress("10.0.0.2/8")?.length, 8);
});

test("prefixesOverlap is whether one holds the other", () => {
  assert.ok(prefixesOverlap(prefix("10.0.0.0/8"), prefix("10.5.0.0/16")));
  assert.ok(prefixesOverlap(prefix("10.5.0.0/16"), prefix("10.0.0.0/8")));
  assert.ok(!prefixesOverlap(prefix("10.5.0.0/16"), prefix("10.6.0.0/16")));
  assert.ok(!prefixesOverlap(prefix("0.0.0.0/0"), prefix("::/0")));
  assert.ok(!prefixContains(prefix("10.0.0.0/8"), prefix("11.0.0.0/8")));
});

function prefix(text: string) {
  const parsed = parsePrefix(text);
  assert.ok(parsed, text);
  return parsed;
}
