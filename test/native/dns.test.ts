import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nameTable } from "../../src/engine/network/dns/name-table.ts";
import { damagedCopies, SanitizedCorpus } from "../helpers/sanitized-corpus.ts";

const directory = mkdtempSync(join(tmpdir(), "mydocker-dns-"));
const corpus = new SanitizedCorpus(["test/native/dns-corpus.c", "native/dns.c", "native/dns_table.c"]);
after(() => {
  corpus.close();
  rmSync(directory, { recursive: true });
});
const { skip } = corpus;

const WEB = member("web", "11", ["172.18.0.2", "fd00::2"], ["www"]);
const DB = member("db", "22", ["172.18.0.3"], []);
const FAR = member("far", "33", ["10.5.0.9"], []);

const TABLE = nameTable({
  network: "Net",
  members: [WEB, { ...DB, dnsServers: ["9.9.9.9"] }],
  others: [{ network: "other", members: [FAR, { ...WEB, addresses: ["10.5.0.8"] }] }],
  servers: ["1.1.1.1", "8.8.4.4"],
  internal: false,
});

/** Addresses that ask, in hexadecimal. */
const WEB_ASKS = "ac120002";
const DB_ASKS = "ac120003";

const TYPE = { a: 1, mx: 15, aaaa: 28, ptr: 12, any: 255 } as const;

test("dns answers names, aliases, ids and names with the network's, whatever their case", { skip }, () => {
  const names = ["web", "WWW", "web.net", "www.Net", "111111111111"];
  for (const reply of answers(names.map((name) => query(name, TYPE.a)))) {
    assert.match(reply, /^a .*c00c00010001000000050004ac120002$/);
  }
});

test("dns answers with the addresses of the wanted type, and with none for a known name of another", { skip }, () => {
  const [aaaa = "", any = "", none = "", mx = ""] = answers([
    query("web", TYPE.aaaa),
    query("web", TYPE.any),
    query("db", TYPE.aaaa),
    query("db", TYPE.mx),
  ]);
  assert.match(aaaa, /c00c001c0001000000050010fd000000000000000000000000000002$/);
  assert.equal(answerCount(any), 2);
  for (const reply of [none, mx]) assert.deepEqual([answerCount(reply), rcode(reply)], [0, 0]);
});

test("dns answers addresses with names, IPv4 and IPv6", { skip }, () => {
  const v6 = `2.${"0.".repeat(27)}0.0.d.f.ip6.arpa`;
  const replies = answers([query("2.0.18.172.in-addr.arpa", TYPE.ptr), query(v6, TYPE.ptr)]);
  for (const reply of replies) assert.match(reply, /c00c000c00010000000500050377656200$/);
});

test("dns tells a client the names of its other networks, and nobody else", { skip }, () => {
  assert.match(answers([query("far", TYPE.a)], WEB_ASKS)[0] ?? "", /0a050009$/);
  assert.equal(rcode(answers([query("far", TYPE.a)], DB_ASKS)[0] ?? ""), 3);
});

test("dns says that a name without a dot is nobody's, and passes others on to the client's servers", { skip }, () => {
  assert.equal(rcode(answers([query("nobody", TYPE.a)])[0] ?? ""), 3);
  assert.deepEqual(answers([query("example.org", TYPE.a)], WEB_ASKS), ["f 1.1 8.8"]);
  assert.deepEqual(answers([query("example.org", TYPE.a)], DB_ASKS), ["f 9.9"]);
});

test("dns ignores answers, other kinds of requests, several questions and what ends too soon", { skip }, () => {
  const good = query("web", TYPE.a);
  const changed = (at: number, value: number): Buffer => Buffer.from(good).fill(value, at, at + 1);
  const bad = [changed(2, 0x80), changed(2, 0x28), changed(5, 2), changed(5, 0), changed(12, 200), changed(12, 60)];
  const prefixes = Array.from({ length: good.length }, (_, length) => good.subarray(0, length));
  assert.deepEqual([...new Set(answers([...bad, ...prefixes]))], ["i"]);
});

test("dns cuts a reply that has no room, and says so", { skip }, () => {
  const many = Array.from({ length: 100 }, (_, n) => member("many", String(n).padStart(2, "0"), [`10.1.0.${n}`], []));
  const table = nameTable({ network: "n", members: many, others: [], servers: [], internal: true });
  const [reply = ""] = answers([query("many", TYPE.a)], WEB_ASKS, table);
  assert.ok(reply.length <= 2 + 2 * 512);
  assert.equal(Number.parseInt(reply.slice(6, 8), 16) & 2, 2);
});

test("dns never reads or writes beyond a packet or its reply, whatever bytes are damaged", { skip }, () => {
  const seed = 20_261_128;
  const names = ["web", "web.net", "example.org", "2.0.18.172.in-addr.arpa", "x".repeat(63), "a.".repeat(100)];
  const packets = names.flatMap((name, place) => damagedCopies(query(name, TYPE.a), 4000, seed + place));
  for (const room of [12, 40, 512]) {
    const replies = answers(packets, WEB_ASKS, TABLE, room);
    assert.ok(
      replies.every((reply) => /^(i|f( [0-9.]+)*|a [0-9a-f]*)$/.test(reply)),
      `seed ${seed}`,
    );
    assert.equal(replies.length, packets.length);
  }
});

test("dns survives a damaged table", { skip }, () => {
  const queries = [query("web", TYPE.a), query("2.0.18.172.in-addr.arpa", TYPE.ptr), query("a.org", TYPE.a)];
  for (const table of damagedCopies(Buffer.from(TABLE), 100, 7)) {
    assert.equal(answers(queries, WEB_ASKS, table.toString("latin1")).length, queries.length);
  }
});

function member(name: string, id: string, addresses: readonly string[], aliases: readonly string[]) {
  return { containerId: id.repeat(32), name, addresses, aliases, mac: "02:00:00:00:00:01", dnsServers: [] };
}

/** A query packet. Source: RFC 1035, 4. */
function query(name: string, type: number): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  const encoded = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const header = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...encoded, Buffer.from([0, 0, type, 0, 1])]);
}

function answerCount(reply: string): number {
  return Number.parseInt(reply.slice(2 + 12, 2 + 16), 16);
}

function rcode(reply: string): number {
  return Number.parseInt(reply.slice(2 + 6, 2 + 8), 16) & 15;
}

function answers(queries: readonly Buffer[], client = WEB_ASKS, table = TABLE, room = 512): readonly string[] {
  const tableFile = join(directory, "table");
  writeFileSync(tableFile, table, "latin1");
  return corpus.lines(queries, [tableFile, client, String(room)]);
}
