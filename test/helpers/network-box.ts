import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EndpointRequest, PortMapping, SandboxRequest, SandboxResult } from "../../src/engine/network/types.ts";
import { setLinkUp } from "../../src/sys/netlink/links.ts";
import { withNetlink } from "../../src/sys/netlink/netlink-socket.ts";
import { makeNetns, removeNetns } from "../../src/sys/network-namespaces.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import type { DriverAct, DriverAnswer, DriverCall } from "./network-driver.ts";
import type { Question } from "./network-peer.ts";
import { inNetns } from "./test-netns.ts";
import { TIME_SCALE } from "./time-scale.ts";

/** It starts in half of node's time, and the program itself is compiled by it. */
const BUN = ["sh", join(PROJECT_ROOT, "src/tools/bun.sh")] as const;
const DRIVER = join(PROJECT_ROOT, "build/test/helpers/network-driver.js");
const PEER = join(PROJECT_ROOT, "build/test/helpers/network-peer.js");
const RESOLVER = join(PROJECT_ROOT, "build/test/helpers/test-resolver.js");
const MYDOCKER = join(PROJECT_ROOT, "dist/mydocker");

/** The addresses of the host, and of another machine that it is connected with. */
export const HOST = { v4: "198.51.100.1", v6: "2001:db8:1::1" } as const;
export const OUTSIDE = { v4: "198.51.100.2", v6: "2001:db8:1::2" } as const;

/** A network namespace that stands for a host, another that stands for a machine elsewhere, and an engine's directories. */
export class NetworkBox {
  readonly directory = mkdtempSync(join(tmpdir(), "mydocker-net-"));
  readonly #mounts: MountNamespace | undefined;
  readonly #namespaces: string[] = [];
  readonly host: string;
  readonly outside: string;
  readonly #servers: number[] = [];
  #containers = 0;

  /** `without` are programs, by their paths, that the host does not have. */
  constructor(without: readonly string[] = []) {
    if (without.length > 0) this.#mounts = new MountNamespace(this.directory, without);
    this.host = this.netns("host");
    this.outside = this.netns("outside");
    this.ip(this.host, "link", "add", "up0", "type", "veth", "peer", "name", "up0", "netns", this.outside);
    for (const [netns, { v4, v6 }] of [[this.host, HOST] as const, [this.outside, OUTSIDE] as const]) {
      this.ip(netns, "addr", "add", `${v4}/24`, "dev", "up0");
      this.ip(netns, "addr", "add", `${v6}/64`, "dev", "up0", "nodad");
      this.ip(netns, "link", "set", "up0", "up");
    }
  }

  /** One more namespace, with lo up. */
  netns(name: string): string {
    const path = join(this.directory, name);
    this.#namespaces.push(path);
    makeNetns(path);
    withNetlink(path, (socket) => setLinkUp(socket, "lo"));
    return path;
  }

  /** ip(8) takes a namespace by path only where it is bound below /run/netns: others go by a process's. */
  ip(netns: string, ...args: readonly string[]): string {
    const words = args.map((word) => word);
    const at = words.indexOf("netns");
    if (at < 0) return this.run(netns, "ip", ...words);
    const holder = spawn("nsenter", [`--net=${words[at + 1]}`, "sleep", "30"], { stdio: "ignore" });
    try {
      const wanted = execFileSync("stat", ["-Lc", "net:[%i]", words[at + 1] ?? ""], { encoding: "utf8" }).trim();
      waitForNamespace(holder.pid ?? 0, "net", (found) => found === wanted);
      words[at + 1] = String(holder.pid);
      return this.run(netns, "ip", ...words);
    } finally {
      holder.kill("SIGKILL");
    }
  }

  /** Runs a program inside a namespace and gives its output. */
  run(netns: string, ...argv: readonly string[]): string {
    const [file = "", ...args] = inNetns(netns, ...argv);
    return execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** The command line of `mydocker` on the host. */
  mydockerArgv(...args: readonly string[]): readonly string[] {
    const globals = ["--root", join(this.directory, "root"), "--run-root", join(this.directory, "run")];
    return this.onHost(MYDOCKER, ...globals, ...args);
  }

  /** The pids of a container's monitors. */
  monitorsOf(containerId: string): readonly number[] {
    return processes().flatMap(({ pid, line }) => {
      return line.includes("mydocker-monitor") && line.includes(containerId) ? [pid] : [];
    });
  }

  /** `mydocker` on the host; fails unless it ends with the status. */
  mydocker(status: number, ...args: readonly string[]): { readonly stdout: string; readonly stderr: string } {
    const [file = "", ...rest] = this.mydockerArgv(...args);
    const result = spawnSync(file, rest, { encoding: "utf8" });
    assert.equal(result.status, status, `${args.join(" ")}: ${result.stdout}${result.stderr}`);
    return result;
  }

  /** A sandbox to ask for, with an id of its own. */
  request(
    name: string,
    networks: readonly (string | EndpointRequest)[],
    more: Partial<SandboxRequest> = {},
  ): SandboxRequest {
    this.#containers++;
    const unique = `${process.pid}${String(this.#containers).padStart(4, "0")}`.slice(-9).padStart(9, "a");
    const endpoints = networks.map((each) => (typeof each === "string" ? { network: each, aliases: [] } : each));
    return {
      containerId: `${unique}${"0".repeat(55)}`,
      name,
      hostname: name,
      mode: { kind: "networks", networks: endpoints },
      ports: [],
      dns: { servers: [], options: [], search: [] },
      extraHosts: [],
      ...more,
    };
  }

  connect(request: SandboxRequest): SandboxResult {
    return this.drive([{ act: "connect", request }])[0] as SandboxResult; // what connectSandbox gives, as JSON
  }

  release(...containerIds: readonly string[]): void {
    this.drive(containerIds.map((containerId) => ({ act: "release", containerId })));
  }

  /** The results of the acts. Throws an Error with the message of the first that fails. */
  drive(acts: readonly DriverAct[]): readonly unknown[] {
    const { results, error } = this.tryDrive(acts) ?? { results: [], error: "killed" };
    if (error !== undefined) throw new Error(error);
    return results;
  }

  /** The answer; undefined where the process was killed. */
  tryDrive(acts: readonly DriverAct[], more: Partial<DriverCall> = {}): DriverAnswer | undefined {
    const { stdout, signal, stderr } = spawnSync(...this.#driver(acts, more), { encoding: "utf8" });
    if (signal === "SIGKILL" || stdout === "") {
      assert.equal(stderr, "");
      return undefined;
    }
    return JSON.parse(stdout) as DriverAnswer; // the driver's own
  }

  /** As drive, for several processes at once. */
  async driveTogether(lists: readonly (readonly DriverAct[])[]): Promise<readonly (readonly unknown[])[]> {
    return await Promise.all(
      lists.map(async (acts) => {
        const [file, args] = this.#driver(acts, {});
        const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
        let text = "";
        child.stdout.on("data", (data) => {
          text += String(data);
        });
        await new Promise((done) => child.once("close", done));
        const { results, error } = JSON.parse(text) as DriverAnswer; // the driver's own
        assert.equal(error, undefined);
        return results;
      }),
    );
  }

  #driver(acts: readonly DriverAct[], more: Partial<DriverCall>): [string, string[]] {
    const call = { root: join(this.directory, "root"), run: join(this.directory, "run"), acts, ...more };
    const [file = "", ...args] = this.onHost(...BUN, DRIVER, JSON.stringify(call));
    return [file, args];
  }

  /** A command line that runs on the host. */
  onHost(...argv: readonly string[]): readonly string[] {
    return inNetns(this.host, ...(this.#mounts?.command(argv) ?? argv));
  }

  /** Serves TCP and UDP on ports in a namespace, until the box is closed. */
  async serve(netns: string, name: string, ...ports: readonly number[]): Promise<void> {
    await this.#startServer(netns, PEER, "serve", name, ...ports.map(String));
  }

  /** Runs test-resolver.ts in a namespace, until the box is closed. */
  async resolve(netns: string, address: string): Promise<void> {
    await this.#startServer(netns, RESOLVER, address);
  }

  async #startServer(netns: string, program: string, ...words: readonly string[]): Promise<void> {
    const [file = "", ...args] = inNetns(netns, process.execPath, program, ...words);
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#servers.push(child.pid ?? 0);
    await new Promise((ready) => child.stdout.once("data", ready));
    child.unref();
  }

  /** What is answered, from inside a namespace; null where nothing is. */
  ask(netns: string, questions: readonly Question[]): readonly (string | null)[] {
    return JSON.parse(this.run(netns, process.execPath, PEER, "ask", JSON.stringify(questions))); // the peer's own
  }

  /** Looks names up at a server, from inside a namespace. */
  look(netns: string, server: string, ...names: readonly string[]): readonly (readonly string[])[] {
    return JSON.parse(this.run(netns, process.execPath, PEER, "look", server, ...names)); // the peer's own
  }

  /** What an engine's work shows on the host: devices, rules, namespaces, records, processes. */
  traces(): readonly string[] {
    const links = this.run(this.host, "ip", "-o", "link").match(/^\d+: [^:@]+/gm) ?? [];
    // iptables counts what its rules meet.
    const counted = this.run(this.host, "nft", "list", "ruleset");
    const rules = counted.replaceAll(/counter packets \d+ bytes \d+/g, "counter").split("\n");
    const files = ["run/netns", "run/sandboxes"].flatMap((name) => listed(join(this.directory, name)));
    const members = listed(join(this.directory, "run/networks")).flatMap((name) => {
      const file = join(this.directory, "run/networks", name, "endpoints.json");
      const isThere = !name.endsWith(".json") && existsSync(file);
      return isThere ? [`members of ${name}: ${/"members":(.*)}/.exec(readFileSync(file, "utf8"))?.[1]}`] : [];
    });
    return [...links.map((link) => link.replace(/^\d+: /, "")), ...rules, ...files, ...members, ...this.#processes()];
  }

  #processes(): readonly string[] {
    return processLines().filter((line) => line.includes("mydocker-netd") && line.includes(this.directory));
  }

  /** Releases what is left, and removes everything. */
  close(): void {
    for (const pid of this.#servers) process.kill(pid, "SIGKILL");
    const names = listed(join(this.directory, "run/sandboxes")).filter((name) => name.endsWith(".json"));
    this.tryDrive(names.map((name) => ({ act: "release", containerId: name.replace(/\.json$/, "") })));
    for (const name of listed(join(this.directory, "run/netns"))) removeNetns(join(this.directory, "run/netns", name));
    const processes = this.#processes();
    for (const path of this.#namespaces) removeNetns(path);
    this.#mounts?.close();
    rmSync(this.directory, { recursive: true });
    assert.deepEqual(processes, []);
  }
}

/** A mount namespace in which some programs are missing; what is mounted below a directory is seen outside as well. */
class MountNamespace {
  readonly #directory: string;
  readonly #holder: ChildProcess;

  constructor(directory: string, without: readonly string[]) {
    this.#directory = directory;
    execFileSync("mount", ["--bind", directory, directory]);
    execFileSync("mount", ["--make-shared", directory]);
    this.#holder = spawn("unshare", ["--mount", "--propagation", "unchanged", "sleep", "1000"], { stdio: "ignore" });
    waitForNamespace(this.#holder.pid ?? 0, "mnt", (found) => found !== readlinkSync("/proc/self/ns/mnt"));
    for (const path of without) {
      const [file = "", ...args] = this.command(["mount", "--bind", "/dev/null", path]);
      execFileSync(file, args);
    }
  }

  command(argv: readonly string[]): readonly string[] {
    return ["nsenter", `--mount=/proc/${this.#holder.pid}/ns/mnt`, "--", ...argv];
  }

  close(): void {
    this.#holder.kill("SIGKILL");
    execFileSync("umount", [this.#directory]);
  }
}

/** The command lines of all processes. */
export function processLines(): readonly string[] {
  return processes().map(({ line }) => line);
}

function processes(): readonly { readonly pid: number; readonly line: string }[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [{ pid: Number(pid), line: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") }];
    } catch {
      return [];
    }
  });
}

/** The ports as a container publishes them. */
export function published(...ports: readonly PortMapping[]): Partial<SandboxRequest> {
  return { ports };
}

function listed(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

/** nsenter and unshare take a moment to get there. */
function waitForNamespace(pid: number, type: "net" | "mnt", isThere: (found: string) => boolean): void {
  for (const deadline = Date.now() + 5000 * TIME_SCALE; Date.now() < deadline; ) {
    if (isThere(readlinkSync(`/proc/${pid}/ns/${type}`))) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
  throw new Error(`process ${pid} did not get into its ${type} namespace`);
}
