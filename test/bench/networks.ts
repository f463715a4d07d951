/**
 * `sh src/tools/bun.sh test/bench/networks.ts [ROUNDS]`, as root: what attaching a container to a bridge adds to
 * `mydocker run --rm … true`, in turn with podman where it is installed; and what comes through between two containers and
 * through a published port, in turn with a veth pair and a bridge made by hand (needs iperf3). In a network namespace of
 * its own. Compare within one table only.
 */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { markOf, removeClientCgroup } from "../helpers/clients-leftovers.ts";
import { cgroupsNamed } from "../helpers/host-traces.ts";
import { HOST, NetworkBox } from "../helpers/network-box.ts";
import { inNetns } from "../helpers/test-netns.ts";
import { podmanArgv } from "./podman.ts";

const rounds = Number(process.argv[2] ?? 10);
const SECONDS = 2;
/** podman leaves the parent of its cgroups: one of this process's own can be removed. */
const CGROUP_PARENT = `${markOf(process.pid)}bench`;

const servers: number[] = [];

const box = new NetworkBox();
try {
  benchAttach();
  if (findProgram("iperf3") === undefined) console.log("\niperf3 is not installed: no throughput");
  else await benchThroughput();
} finally {
  stopContainers();
  box.close();
  for (const root of cgroupsNamed(CGROUP_PARENT)) await removeClientCgroup(root);
}

function benchAttach(): void {
  box.mydocker(0, "image", "build-base");
  const engines = [{ name: "mydocker", argv: [...mydockerArgv(), "run", "--rm"] }, ...podman()];
  for (const { argv } of engines) run([...argv, "base", "true"]);
  const times = engines.map(() => ({ none: [] as number[], bridge: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [place, { argv }] of engines.entries()) {
      times[place]?.none.push(timeOf([...argv, "--network", "none", "base", "true"]));
      times[place]?.bridge.push(timeOf([...argv, "base", "true"]));
    }
  }
  console.log(`run --rm … true, ${rounds} of each in turn: median ms without network, with bridge, what it adds`);
  for (const [place, { name }] of engines.entries()) {
    const [none, bridge] = [median(times[place]?.none ?? []), median(times[place]?.bridge ?? [])];
    console.log(
      `${name.padEnd(10)}${none.toFixed(1).padStart(9)}${bridge.toFixed(1).padStart(9)}${(bridge - none).toFixed(1).padStart(9)}`,
    );
  }
}

function mydockerArgv(): readonly string[] {
  const globals = ["--root", join(box.directory, "root"), "--run-root", join(box.directory, "run")];
  return [join(PROJECT_ROOT, "dist/mydocker"), ...globals];
}

/** With the same image. */
function podman(): readonly { readonly name: string; readonly argv: readonly string[] }[] {
  const argv = podmanArgv(box.directory);
  if (argv === undefined) return [];
  const archive = join(box.directory, "base.tar");
  box.mydocker(0, "save", "-o", archive, "base");
  run([...argv, "load", "--quiet", "--input", archive]);
  return [{ name: "podman", argv: [...argv, "run", "--rm", "--cgroup-parent", `/${CGROUP_PARENT}`] }];
}

async function benchThroughput(): Promise<void> {
  const [server, client] = ["server", "client"].map((name) => {
    const ports = name === "server" ? [{ protocol: "tcp", containerPort: 5201, hostPort: 5201 } as const] : [];
    const result = box.connect(box.request(name, ["bridge"], { ports }));
    const path = result.namespace.kind === "path" ? result.namespace.path : "";
    return { path, address: result.endpoints[0]?.address?.split("/")[0] ?? "" };
  });
  if (server === undefined || client === undefined) return;
  const hand = handMade();
  for (const netns of [server.path, hand.server]) serve(netns);
  await delay(500);
  const ways = {
    "by hand": () => gigabits(hand.client, hand.address),
    "between containers": () => gigabits(client.path, server.address),
    "by hand, from the host": () => gigabits(box.host, hand.address),
    "published port": () => gigabits(box.host, HOST.v4),
  };
  const figures = Object.keys(ways).map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [place, measure] of Object.values(ways).entries()) figures[place]?.push(measure());
  }
  console.log(`\niperf3, ${SECONDS} s, ${rounds} of each in turn: median Gbit/s`);
  for (const [place, name] of Object.keys(ways).entries()) {
    console.log(
      `${name.padEnd(24)}${median(figures[place] ?? [])
        .toFixed(2)
        .padStart(8)}`,
    );
  }
}

/** A bridge with two namespaces, as the manual pages have it. */
function handMade(): { readonly server: string; readonly client: string; readonly address: string } {
  box.ip(box.host, "link", "add", "hand0", "type", "bridge");
  box.ip(box.host, "addr", "add", "10.99.0.1/24", "dev", "hand0");
  box.ip(box.host, "link", "set", "hand0", "up");
  const [server = "", client = ""] = [2, 3].map((last) => {
    const netns = box.netns(`hand${last}`);
    box.ip(box.host, "link", "add", `hand${last}`, "type", "veth", "peer", "name", "eth0", "netns", netns);
    box.ip(box.host, "link", "set", `hand${last}`, "master", "hand0", "up");
    box.ip(netns, "addr", "add", `10.99.0.${last}/24`, "dev", "eth0");
    box.ip(netns, "link", "set", "eth0", "up");
    return netns;
  });
  return { server, client, address: "10.99.0.2" };
}

function serve(netns: string): void {
  const [file = "", ...args] = inNetns(netns, "iperf3", "--server");
  const child = spawn(file, args, { stdio: "ignore" });
  servers.push(child.pid ?? 0);
}

function stopContainers(): void {
  for (const pid of servers) process.kill(pid);
}

function gigabits(netns: string, address: string): number {
  const report: unknown = JSON.parse(
    box.run(netns, "iperf3", "--client", address, "--time", String(SECONDS), "--json"),
  );
  // iperf3's own form.
  return (report as { end: { sum_received: { bits_per_second: number } } }).end.sum_received.bits_per_second / 1e9;
}

function timeOf(argv: readonly string[]): number {
  const started = performance.now();
  run(argv);
  return performance.now() - started;
}

function run(argv: readonly string[]): void {
  const [file = "", ...args] = inNetns(box.host, ...argv);
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
