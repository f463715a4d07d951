/**
 * A name server for tests: `test-resolver.js ADDRESS` listens on its port 53, UDP and TCP, and prints "ready". Every name
 * has the addresses of TOLD; "nobody.*" does not exist, and "large.*" is told by TCP only.
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { addressBytes, parseAddress } from "../../src/base/ip-address.ts";

const TOLD = { v4: "203.0.113.9", v6: "2001:db8:9::9" } as const;

const TYPE = { a: 1, aaaa: 28 } as const;
const HEADER_SIZE = 12;
const TRUNCATED = 0x0200;
const NO_SUCH_NAME = 3;

const [address = ""] = process.argv.slice(2);
const udp = createSocket("udp4");
udp.on("message", (query, { address: from, port }) => udp.send(reply(query, false), port, from));
const tcp = createServer((client) => {
  client.on("error", () => {});
  client.on("data", (data) => {
    const answer = reply(data.subarray(2), true);
    client.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]));
  });
});
await new Promise<void>((done) => udp.bind(53, address, done));
await new Promise<void>((done) => tcp.listen(53, address, done));
console.log("ready");

function reply(query: Buffer, isTcp: boolean): Buffer {
  const end = query.indexOf(0, HEADER_SIZE) + 5;
  const question = query.subarray(0, end);
  const first = question.subarray(HEADER_SIZE + 1, HEADER_SIZE + 1 + (question[HEADER_SIZE] ?? 0)).toString();
  const isCut = first === "large" && !isTcp;
  const records = isCut || first === "nobody" ? [] : answers(question.readUInt16BE(end - 4));
  const header = Buffer.from(question);
  header.writeUInt16BE(0x8180 | (isCut ? TRUNCATED : 0) | (first === "nobody" ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, ...records]);
}

function answers(type: number): readonly Buffer[] {
  const text = type === TYPE.a ? TOLD.v4 : type === TYPE.aaaa ? TOLD.v6 : "";
  const parsed = parseAddress(text);
  if (parsed === undefined) return [];
  const data = addressBytes(parsed);
  const record = Buffer.alloc(HEADER_SIZE);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return [Buffer.concat([record, data])];
}
