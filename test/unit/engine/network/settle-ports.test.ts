import assert from "node:assert/strict";
import { test } from "node:test";
import { portsCollide, settlePorts } from "../../../../src/engine/network/ports/settle-ports.ts";

const tcp = (hostPort: number, hostIp?: string) => ({
  protocol: "tcp" as const,
  containerPort: 80,
  hostPort,
  ...(hostIp === undefined ? {} : { hostIp }),
});
const CLAIMS = [{ containerId: "a", containerName: "web", port: tcp(8080) }];
const RANGE = { first: 32768, last: 32770 };
const isFree = () => true;

test("settlePorts names the container that has a port, whatever address is asked for", () => {
  for (const port of [tcp(8080), tcp(8080, "127.0.0.1"), tcp(8080, "::1")]) {
    assert.throws(
      () => settlePorts([port], CLAIMS, RANGE, isFree),
      /port is already allocated: the container "web" has it/,
    );
  }
  assert.throws(() => settlePorts([tcp(1), tcp(1)], [], RANGE, isFree), /the same command line names it twice/);
  assert.deepEqual(settlePorts([{ ...tcp(8080), protocol: "udp" }], CLAIMS, RANGE, isFree).length, 1);
});

test("settlePorts takes the first free one of a range that was named", () => {
  const ranged = { ...tcp(8079), hostPortLast: 8082 };
  const ports = settlePorts([ranged, ranged], CLAIMS, RANGE, ({ hostPort }) => hostPort !== 8081);
  assert.deepEqual(ports, [tcp(8079), tcp(8082)]);
  assert.throws(
    () => settlePorts([ranged], CLAIMS, RANGE, () => false),
    /no port of the host from 8079 to 8082 is free/,
  );
});

test("settlePorts chooses ports that nobody has, and refuses when there is none", () => {
  const any = { protocol: "tcp", containerPort: 80 } as const;
  const ports = settlePorts([any, any], [], RANGE, ({ hostPort }) => hostPort !== 32768);
  assert.deepEqual(
    ports.map(({ hostPort }) => hostPort),
    [32769, 32770],
  );
  assert.throws(() => settlePorts([any], [], RANGE, () => false), /no port of the host from 32768 to 32770 is free/);
});

test("portsCollide is whether one address can be in both", () => {
  assert.ok(portsCollide(tcp(1, "0.0.0.0"), tcp(1, "10.0.0.1")));
  assert.ok(!portsCollide(tcp(1, "10.0.0.2"), tcp(1, "10.0.0.1")));
  assert.ok(!portsCollide(tcp(1, "0.0.0.0"), tcp(1, "::1")));
  assert.ok(!portsCollide(tcp(1), tcp(2)));
});
