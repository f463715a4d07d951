import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { debianRootfs, needsDebianArchive } from "../helpers/debian-rootfs.ts";
import { needsProgram, needsRoot } from "../helpers/needs.ts";
import { HOST, NetworkBox } from "../helpers/network-box.ts";
import { inNetns } from "../helpers/test-netns.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

const needs = [needsRoot, needsDebianArchive, ...["nft", "nsenter", "ip", "curl"].map(needsProgram)];
const skip = needs.map((need) => need()).find((reason) => reason !== undefined) ?? false;
const timeout = 600_000 * TIME_SCALE;

/** Counts its visitors in the other container, which it knows by name. */
const COUNTER = `
from http.server import BaseHTTPRequestHandler, HTTPServer
import socket

class Counter(BaseHTTPRequestHandler):
    def do_GET(self):
        redis = socket.create_connection(("redis", 6379), 5)
        redis.sendall(b"INCR hits\\r\\n")
        hits = redis.recv(64).decode()[1:].strip()
        redis.sendall(b"SAVE\\r\\n")
        redis.recv(64)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(("seen %s times" % hits).encode())

HTTPServer(("", 5000), Counter).serve_forever()
`;

it("nginx is reached through its port, and a counter keeps its count in redis and a volume", {
  skip,
  timeout,
}, async (t) => {
  const box = new NetworkBox();
  const containers: string[] = [];
  try {
    const rootfs = join(box.directory, "rootfs");
    mkdirSync(rootfs);
    if (!debianRootfs(rootfs, ["nginx-light", "redis-server", "python3"]))
      return t.skip("Debian's archive is out of reach");
    writeFileSync(join(rootfs, "counter.py"), COUNTER);
    // Installing the package would have enabled a site like this one.
    writeFileSync(join(rootfs, "etc/nginx/conf.d/site.conf"), "server { listen 80; root /usr/share/nginx/html; }\n");
    const start = (name: string, flags: readonly string[], ...argv: readonly string[]): void => {
      box.mydocker(0, "run", "-d", "--name", name, ...flags, "--rootfs", rootfs, ...argv);
      containers.push(name);
    };
    await serveNginx(box, start);
    await countVisitors(box, start);
  } finally {
    for (const name of new Set(containers)) box.mydocker(0, "rm", "-f", name);
    box.close();
  }
});

type Start = (name: string, flags: readonly string[], ...argv: readonly string[]) => void;

async function serveNginx(box: NetworkBox, start: Start): Promise<void> {
  start("nginx", ["-p", "8080:80"], "nginx", "-g", "daemon off;");
  assert.match(await page(box.host, "http://127.0.0.1:8080/"), /Welcome to nginx/);
  assert.match(await page(box.outside, `http://${HOST.v4}:8080/`), /Welcome to nginx/);
}

async function countVisitors(box: NetworkBox, start: Start): Promise<void> {
  const redis = ["redis-server", "--dir", "/data", "--protected-mode", "no", "--save", ""];
  const visit = (): Promise<string> => page(box.outside, `http://${HOST.v4}:5000/`);
  box.mydocker(0, "network", "create", "app");
  box.mydocker(0, "volume", "create", "data");
  start("redis", ["--network", "app", "-v", "data:/data"], ...redis);
  start("counter", ["--network", "app", "-p", "5000:5000"], "python3", "/counter.py");
  assert.equal(await visit(), "seen 1 times");
  assert.equal(await visit(), "seen 2 times");
  box.mydocker(0, "rm", "-f", "redis");
  start("redis", ["--network", "app", "-v", "data:/data"], ...redis);
  assert.equal(await visit(), "seen 3 times");
}

/** Asked again until there is an answer: programs take their time to start. */
async function page(netns: string, url: string): Promise<string> {
  for (const deadline = Date.now() + 60_000 * TIME_SCALE; ; await delay(300)) {
    const [file = "", ...args] = inNetns(
      netns,
      "curl",
      "--silent",
      "--fail",
      "--noproxy",
      "*",
      "--max-time",
      "10",
      url,
    );
    const { status, stdout } = spawnSync(file, args, { encoding: "utf8" });
    if (status === 0) return stdout;
    if (Date.now() > deadline) throw new Error(`no answer from ${url}: curl ended with ${status}`);
  }
}
