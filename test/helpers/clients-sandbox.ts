import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { directoriesBelow, markOf, removeClientCgroup, sweepPredecessors } from "./clients-leftovers.ts";
import { findHostTraces } from "./host-traces.ts";
import { type ProgramOptions, type ProgramResult, RunningProgram } from "./run-program.ts";
import { Terminal } from "./terminal.ts";

/**
 * Makes the namespaces look like a small host: the machine's file system with writable copies of what clients write to,
 * an empty /run, shared mounts as systemd makes them, and the loopback device only. What other tests have mounted just
 * now has been copied with the rest, and would seem to be in use as long as these namespaces are there. Ends with its
 * standard input.
 */
const SET_UP = `
set -e
exec 3<&0
cut -d ' ' -f 5 /proc/self/mountinfo | grep "^$2/mdr-test-" | sort -r | while read -r mount; do umount -l "$mount" || :; done
mount -t tmpfs -o mode=755 tmpfs "$1"
for name in etc var/lib; do
  mkdir -p "$1/over/$name/upper" "$1/over/$name/work"
  mount -t overlay -o "lowerdir=/$name,upperdir=$1/over/$name/upper,workdir=$1/over/$name/work" overlay "/$name"
done
mount -t tmpfs -o mode=755 tmpfs /run
mount --make-rshared /
busybox ip link set lo up
echo ready
cat <&3 >/dev/null &
wait
`;

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const START_TIMEOUT_MS = 60_000;
const COMMAND_TIMEOUT_MS = 60_000;
const LOG_LENGTH = 250;
const POLL_MS = 10;

let sandboxes = 0;

/**
 * Mount, network and process namespaces of their own for a client, its daemons and its containers: closing them ends
 * every process, mount and network device in there, whatever state a failed test has left them in.
 */
export class ClientSandbox {
  /** Unique on this machine: for the cgroup that the client's containers go below, and the like. */
  readonly mark = `${markOf(process.pid)}${++sandboxes}`;
  /** A directory of the host, the same inside. */
  readonly shared: string;
  /** A tmpfs of the inside: empty on the host. */
  readonly inside: string;
  readonly #directory = mkdtempSync(join(tmpdir(), markOf(process.pid)));
  readonly #holder: ChildProcess;

  private constructor() {
    this.shared = join(this.#directory, "shared");
    this.inside = join(this.#directory, "inside");
    for (const path of [this.shared, this.inside]) mkdirSync(path);
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const argv = [...namespaces, "--propagation", "private", "sh", "-c", SET_UP, "sh", this.inside, tmpdir()];
    this.#holder = spawn("unshare", argv, { env: { PATH }, stdio: ["pipe", "pipe", "pipe"] });
  }

  /** Rejects with what the kernel or a program said when the namespaces cannot be made here. */
  static async open(): Promise<ClientSandbox> {
    await sweepPredecessors();
    const sandbox = new ClientSandbox();
    try {
      await sandbox.#ready();
      return sandbox;
    } catch (error) {
      await sandbox.close().catch(() => {});
      throw error;
    }
  }

  /** The whole command line by which a program runs inside, with nothing of this process's environment. */
  argv(argv: readonly string[], env: Readonly<Record<string, string>> = {}): readonly string[] {
    assert.ok(!this.#hasEnded(), "somebody has ended the namespaces of this test");
    const of = `/proc/${this.#holder.pid}/ns`;
    const join = ["nsenter", `--mount=${of}/mnt`, `--net=${of}/net`, `--pid=${of}/pid_for_children`];
    const variables = Object.entries({ PATH, HOME: "/root", TMPDIR: this.inside, ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    return [...join, "--", "env", "-i", ...variables, ...argv];
  }

  /** Starts a program inside. */
  launch(argv: readonly string[], { env, ...options }: ProgramOptions = {}): RunningProgram {
    return new RunningProgram(this.shared, this.argv(argv, env), { timeoutMs: COMMAND_TIMEOUT_MS, ...options });
  }

  /** Runs a program inside to its end. */
  run(argv: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return this.launch(argv, options).ended;
  }

  /** Runs a program inside to its end, which must be a success, and returns what it printed without the last newline. */
  async output(argv: readonly string[], options?: ProgramOptions): Promise<string> {
    const result = await this.run(argv, options);
    assert.equal(result.status, 0, `${JSON.stringify(result)} from ${argv.join(" ")}`);
    return result.stdout.replace(/\n$/, "");
  }

  /** Starts a program inside that stays until the sandbox closes, and waits for it. Rejects with the end of its log. */
  async daemon(argv: readonly string[], isReady: () => Promise<boolean>): Promise<void> {
    const log = join(this.shared, "daemon.log");
    const output = openSync(log, "a");
    const [file = "", ...args] = this.argv(argv);
    spawn(file, args, { stdio: ["ignore", output, output] });
    closeSync(output);
    for (const deadline = Date.now() + START_TIMEOUT_MS; !(await isReady()); await delay(POLL_MS)) {
      if (Date.now() > deadline) throw new Error(`${argv[0]}: ${readFileSync(log, "utf8").slice(-LOG_LENGTH)}`);
    }
  }

  /** Runs a program inside on a terminal. */
  terminal(rows: number, columns: number, argv: readonly string[], env?: Readonly<Record<string, string>>): Terminal {
    return Terminal.run(rows, columns, this.argv(argv, env));
  }

  /** The directories of the client's containers in any cgroup hierarchy. */
  cgroups(): readonly string[] {
    return this.#cgroupRoots().flatMap((root) => directoriesBelow(root).map((name) => join(root, name)));
  }

  /** Ends everything inside, and fails when something is left of it on the host all the same. */
  async close(): Promise<void> {
    const ended = this.#hasEnded() ? undefined : once(this.#holder, "exit");
    this.#holder.stdin?.end();
    await ended;
    for (const root of this.#cgroupRoots()) await removeClientCgroup(root);
    const { mounts, processes } = findHostTraces({ id: this.mark, directory: this.#directory });
    rmSync(this.#directory, { recursive: true, force: true });
    assert.deepEqual({ mounts, processes, cgroups: this.#cgroupRoots() }, { mounts: [], processes: [], cgroups: [] });
  }

  #hasEnded(): boolean {
    return this.#holder.exitCode !== null || this.#holder.signalCode !== null;
  }

  #cgroupRoots(): readonly string[] {
    return findHostTraces({ id: this.mark, directory: this.#directory }).cgroups;
  }

  async #ready(): Promise<void> {
    const { stdout, stderr } = this.#holder;
    let said = "";
    stderr?.on("data", (bytes: Buffer) => {
      said += bytes;
    });
    const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
    if (stdout === null) throw new Error("the sandbox has no output");
    const [first] = await Promise.race([once(stdout, "data", { signal: timeout }), once(this.#holder, "exit")]);
    if (String(first).trim() !== "ready") throw new Error(`cannot make namespaces for a client: ${said.trim()}`);
  }
}
