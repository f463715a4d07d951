import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExpose, parsePublish, portKey } from "../../../../src/engine/network/port-spec.ts";

const tcp = (containerPort: number, more: object = {}) => ({ protocol: "tcp", containerPort, ...more });

const READ = {
  "80": [tcp(80)],
  "8080:80": [tcp(80, { hostPort: 8080 })],
  "8080:80/udp": [{ protocol: "udp", containerPort: 80, hostPort: 8080 }],
  "8080:80/TCP": [tcp(80, { hostPort: 8080 })],
  "127.0.0.1:8080:80": [tcp(80, { hostPort: 8080, hostIp: "127.0.0.1" })],
  "127.0.0.1::80": [tcp(80, { hostIp: "127.0.0.1" })],
  "[::1]:8080:80": [tcp(80, { hostPort: 8080, hostIp: "::1" })],
  "8080-8081:80-81": [tcp(80, { hostPort: 8080 }), tcp(81, { hostPort: 8081 })],
  "80-81": [tcp(80), tcp(81)],
  "0:80": [tcp(80)],
  "9005-9010:80": [tcp(80, { hostPort: 9005, hostPortLast: 9010 })],
} as const;

for (const [spec, ports] of Object.entries(READ)) {
  test(`parsePublish reads "${spec}"`, () => assert.deepEqual(parsePublish(spec), ports));
}

const REFUSED = {
  "": /a port from 1 to 65535/,
  "0": /a port from 1 to 65535/,
  "65536": /a port from 1 to 65535/,
  "x:80": /a port from 1 to 65535/,
  "81-80": /a range of them/,
  "8080-8082:80-81": /as many ports of the host as of the container/,
  "80/sctp": /tcp or udp, not "sctp"/,
  "80/tcp/udp": /one protocol at most/,
  "::1:8080:80": /an IPv6 address in brackets/,
  "[::1]:80": /a port of the host behind the address/,
  "host:8080:80": /an IP address of the host where "host" is/,
} as const;

for (const [spec, message] of Object.entries(REFUSED)) {
  test(`parsePublish refuses "${spec}"`, () => assert.throws(() => parsePublish(spec), message));
}

test("parseExpose reads a port, a range and a protocol", () => {
  assert.deepEqual([...parseExpose("80"), ...parseExpose("53-54/udp")].map(portKey), ["80/tcp", "53/udp", "54/udp"]);
});
